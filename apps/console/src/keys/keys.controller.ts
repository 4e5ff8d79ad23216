import type { ApiKey, ApiKeyList, AtVersion, ListQuery, MadeApiKey } from '@millrace/admin-api';
import { ApiKeys, type MadeKey, type StoredKey } from '@millrace/api-keys';
import { Body, Controller, Delete, Get, Header, HttpCode, Inject, Param, Post, Query, UseGuards } from '@nestjs/common';
import { Needs, RoleGuard, Who } from '../access/role.guard.js';
import { pageOf } from '../contract/page-of.js';
import { by } from '../contract/points.js';
import { asProblem } from '../contract/problems.js';
import { type AskedKey, askedKeyOf, graceOf } from './asked-key.js';

/** When it expires is written otherwise in a body. */
const inBody = (pointer?: string): string | undefined => (pointer === '/expiresAt' ? '/expires' : pointer);
const OPEN =
  'authentication is disabled at this console: anyone who can reach it has full access, with or without this key; set AUTH=stored here and at the gateway';

/** A key as it is shown: without its secrets, and without their hashes. */
const keyView = ({ secrets, ...rest }: StoredKey, now = Date.now()): ApiKey => {
  const [newest, ...older] = secrets;
  const oldUntil = Math.max(0, ...older.map(({ until }) => until ?? 0));
  return {
    ...rest,
    rotatedAt: newest?.madeAt ?? rest.createdAt,
    ...(oldUntil > now ? { oldUntil } : {}),
    isExpired: rest.expiresAt !== undefined && rest.expiresAt <= now,
  };
};

/** The API keys in Redis: make, look, rotate, revoke. A token is told once, when it is made. */
@Controller('api/keys')
@UseGuards(RoleGuard)
export class KeysController {
  constructor(@Inject(ApiKeys) private readonly keys: ApiKeys) {}

  /** Who may do what is for admins to know. */
  @Needs('admin')
  @Get()
  async all(@Query() query: ListQuery): Promise<ApiKeyList> {
    const { version, definitions, invalid } = await this.keys.store.read();
    const lists = {
      keys: definitions.map((key) => [key.name, keyView(key)] as const),
      invalid: invalid.map(({ name, error }) => [name, error.message] as const),
    };
    return { version, ...pageOf(lists, query) };
  }

  @Post()
  @HttpCode(201)
  @Header('cache-control', 'no-store')
  async create(@Body(by(askedKeyOf)) { name, rules }: AskedKey, @Who() who: string): Promise<MadeApiKey> {
    return this.told(await asProblem(() => this.keys.store.create(name, rules, { who }), inBody));
  }

  @Post(':name/rotate')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  async rotate(
    @Param('name') name: string,
    @Body('grace', by(graceOf)) graceMs: number,
    @Who() who: string,
  ): Promise<MadeApiKey> {
    const made = await asProblem(() => this.keys.store.rotate(name, graceMs, { who }));
    return this.told(made);
  }

  @Delete(':name')
  async revoke(@Param('name') name: string, @Who() who: string): Promise<AtVersion> {
    const version = await asProblem(() => this.keys.store.revoke(name, { who }));
    await this.keys.look();
    return { version };
  }

  private async told({ token, key, version }: MadeKey): Promise<MadeApiKey> {
    await this.keys.look();
    const view = keyView(key);
    const expired = view.isExpired ? ['this key has expired: its tokens are refused'] : [];
    return { token, key: view, version, warnings: [...(this.keys.isOpen ? [OPEN] : []), ...expired] };
  }
}
