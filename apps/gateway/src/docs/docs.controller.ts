import { Controller, Get, Header } from '@nestjs/common';
import { Public } from '@maru/service-kit';
import { indexPage } from './index-page';
import { openApi } from './openapi';

const document = openApi();
const page = indexPage(document);

/** What a client developer opens first. */
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
    return document;
  }
}
