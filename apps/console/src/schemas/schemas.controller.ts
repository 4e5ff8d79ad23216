import type * as Api from '@millrace/admin-api';
import type { ChangeAuthor } from '@millrace/definitions';
import { pointerTo, writeJson } from '@millrace/json';
import { SchemaStore } from '@millrace/schemas';
import { RedisTransport } from '@millrace/streams/redis';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query, UseGuards } from '@nestjs/common';
import { By, Needs, RoleGuard, Who } from '../access/role.guard.js';
import { historyPage } from '../contract/history-page.js';
import { pageOf } from '../contract/page-of.js';
import { asProblem, missing, refusal } from '../contract/problems.js';

/** The schemas of the admin API: look, save, choose what they do, go back. */
@Controller('api/schemas')
@UseGuards(RoleGuard)
export class SchemasController {
  private readonly store: SchemaStore;

  constructor(@Inject(RedisTransport) transport: RedisTransport) {
    this.store = new SchemaStore(transport);
  }

  @Get()
  async all(@Query() query: Api.ListQuery): Promise<Api.SchemaList> {
    const { version, definitions } = await this.store.written();
    return { version, ...pageOf({ schemas: definitions.map((one) => [one.type, one]) }, query) };
  }

  @Get('history')
  history(@Query() query: Api.HistoryQuery): Promise<Api.SchemaHistory> {
    return historyPage(query, (limit, below) => this.store.records(limit, below));
  }

  @Post('rollback')
  @HttpCode(200)
  async rollback(@Body() { to }: Api.Rollback, @Who() who: string): Promise<Api.AtVersion> {
    const rolledBack = asProblem(
      () => this.store.rollback(to, { who }),
      () => '/to',
    );
    return { version: await rolledBack };
  }

  @Needs('read')
  @Post('test')
  @HttpCode(200)
  async test(@Body() { type, event }: Api.SchemaTest): Promise<Api.SchemaVerdict> {
    await this.find(type, '/type');
    const { definitions, invalid } = await this.store.read();
    const found = definitions.find((one) => one.type === type);
    if (found === undefined) {
      const why = invalid.find(({ name }) => name === type)?.error.message;
      throw refusal('bad-schema', 422, why ?? `the schemas of "${type}" were changed`, '/type');
    }
    const violation = found.check(event, writeJson(event).length);
    return { valid: violation === undefined, ...violation };
  }

  @Get(':type')
  one(@Param('type') type: string): Promise<Api.TypeSchemas> {
    return this.find(type);
  }

  @Put(':type')
  async set(
    @Param('type') type: string,
    @Body() settings: Api.SchemaSettings,
    @By() by: ChangeAuthor,
  ): Promise<Api.AtVersion> {
    if (settings.mode === undefined && settings.current === undefined) {
      throw refusal('bad-request', 400, 'give mode or current');
    }
    await this.find(type);
    return { version: await asProblem(() => this.store.set(type, settings, by)) };
  }

  @Put(':type/versions/:name')
  async save(
    @Param('type') type: string,
    @Param('name') name: string,
    @Body() schema: unknown,
    @By() by: ChangeAuthor,
  ): Promise<Api.AtVersion> {
    const saved = asProblem(
      () => this.store.save(type, name, schema, by),
      (pointer) => inBody(pointer, name),
    );
    return { version: await saved };
  }

  @Delete(':type')
  async delete(@Param('type') type: string, @By() by: ChangeAuthor): Promise<Api.AtVersion> {
    await this.find(type);
    return { version: await asProblem(() => this.store.delete(type, by)) };
  }

  private async find(type: string, pointer?: string): Promise<Api.TypeSchemas> {
    const found = (await this.store.written()).definitions.find((one) => one.type === type);
    if (found !== undefined) return found;
    throw missing(`Schema of "${type.slice(0, 100)}" not found in Redis`, pointer);
  }
}

/** Where in the request stands what the schemas of a type have at a pointer: a version of them is the body, its name and the type are in the path. */
const inBody = (pointer = '', version: string): string => {
  const at = pointerTo(['versions', version]);
  if (pointer === '/versions') return 'name';
  return pointer.startsWith(at) ? pointer.slice(at.length) : pointer.slice(1);
};
