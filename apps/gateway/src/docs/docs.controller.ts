import { Controller, Get, Header } from '@nestjs/common';
import { Public } from '@maru/service-kit';
import { asyncApi, openApi } from './documents';
import { indexPage } from './index-page';

const page = indexPage(openApi, asyncApi);

/** What a client developer opens first. The documents are the ones that are checked in. */
@Public()
@Controller('docs')
export class DocsController {
  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  index(): string {
    return page;
  }

  @Get('openapi.json')
  openApi() {
    return openApi;
  }

  @Get('asyncapi.json')
  asyncApi() {
    return asyncApi;
  }
}
