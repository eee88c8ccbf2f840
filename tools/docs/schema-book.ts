import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

/** OpenAPI 3.1 has schemas of 2020-12, AsyncAPI 3 of draft 7. */
export type Draft = 'draft-2020-12' | 'draft-7';

/** Contracts as JSON schemas; those with a name of their own are kept once. */
export class SchemaBook {
  readonly schemas: Record<string, JsonSchema> = {};

  constructor(private readonly target: Draft = 'draft-2020-12') {}

  /** `input`: what a client sends; `output`: what it gets, to which later versions may add. */
  of(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const made: JsonSchema = z.toJSONSchema(schema, {
      io,
      target: this.target,
      unrepresentable: 'any',
      override: ({ jsonSchema }) => {
        if (io === 'output') delete jsonSchema.additionalProperties;
      },
    });
    const { $defs, definitions = $defs, ...rest } = withRefs(made);
    Object.assign(this.schemas, definitions);
    delete rest['$schema'];
    return rest;
  }

  /** A reference to the schema, under its own name or else this one. */
  named(name: string, schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const made = this.of(schema, io);
    if ('$ref' in made) return made;
    this.schemas[name] = made;
    return refTo(name);
  }
}

export const refTo = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

const withRefs = (schema: JsonSchema): JsonSchema =>
  JSON.parse(
    JSON.stringify(schema).replaceAll(/"#\/(\$defs|definitions)\//g, '"#/components/schemas/'),
  ) as JsonSchema;
