import { Catch, type ExceptionFilter, type INestApplicationContext, UseFilters } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { type Observable, throwError } from 'rxjs';

/** Nest's own filter turns what a handler threw into "Internal server error"; the dead letter must name the cause. */
@Catch()
export class KeepErrorFilter implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/** What `@EventPattern` and `@MessagePattern` leave on a method, and `@UseFilters` on a method or class. */
const PATTERN = 'microservices:pattern';
const FILTERS = '__exceptionFilters__';

/** Gives every Kafka handler of the app the filter, unless it chose its own. A hybrid app's global filters do not
 * reach these handlers, and Nest reads the decorators when the transport is connected. */
export function keepHandlerErrors(app: INestApplicationContext): void {
  for (const module of app.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values()) {
      const prototype = metatype?.prototype as object | undefined;
      if (!prototype || Reflect.hasMetadata(FILTERS, metatype ?? {})) continue;
      for (const name of Object.getOwnPropertyNames(prototype)) {
        const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
        const method: unknown = descriptor?.value;
        if (typeof method !== 'function' || !Reflect.hasMetadata(PATTERN, method)) continue;
        if (!descriptor || Reflect.hasMetadata(FILTERS, method)) continue;
        UseFilters(new KeepErrorFilter())(prototype, name, descriptor);
      }
    }
  }
}
