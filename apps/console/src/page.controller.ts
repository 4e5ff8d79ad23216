import { readFileSync } from 'node:fs';
import { Controller, Get, Header } from '@nestjs/common';

const file = (name: string): string => readFileSync(new URL(`../public/${name}`, import.meta.url), 'utf8');

/** The page: three files, read once. */
@Controller()
export class PageController {
  private readonly html = file('index.html');
  private readonly script = file('console.js');
  private readonly style = file('console.css');

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  index(): string {
    return this.html;
  }

  @Get('console.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  code(): string {
    return this.script;
  }

  @Get('console.css')
  @Header('content-type', 'text/css; charset=utf-8')
  css(): string {
    return this.style;
  }
}
