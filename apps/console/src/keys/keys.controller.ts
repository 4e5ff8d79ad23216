import type { ApiKeyList, AtVersion, MadeApiKey } from '@millrace/admin-api';
import { ApiKeys, KeyError, type KeyRules, type MadeKey } from '@millrace/api-keys';
import { parseDuration, problem, RequestRefused } from '@millrace/host';
import { VersionConflict } from '@millrace/operations';
import { Body, Controller, Delete, Get, Header, HttpCode, Inject, Param, Post, UseGuards } from '@nestjs/common';
import { Needs, RoleGuard, Who } from '../access/role.guard.js';
import { readTime, refused } from '../query.js';
import { readBody } from '../read-body.js';
import { keyView } from './key-view.js';
import { NewKeyBody, RotateKeyBody } from './requests.js';

const GRACE = '24h';
const OPEN =
  'authentication is disabled at this console: whoever reaches it may do everything, with this key or without; set AUTH=stored here and at the gateway';

/** The API keys in Redis: make, look, rotate, revoke. A token is told once, when it is made. */
@Controller('api/keys')
@UseGuards(RoleGuard)
export class KeysController {
  constructor(@Inject(ApiKeys) private readonly keys: ApiKeys) {}

  /** Who may do what is for admins to know. */
  @Needs('admin')
  @Get()
  async all(): Promise<ApiKeyList> {
    const { version, keys, invalid } = await this.keys.store.read();
    return {
      version,
      keys: keys.map((key) => keyView(key)).sort((a, b) => a.name.localeCompare(b.name, 'en')),
      invalid: invalid.map(({ message }) => message),
    };
  }

  @Post()
  @HttpCode(201)
  @Header('cache-control', 'no-store')
  async create(@Body() body: unknown, @Who() who: string): Promise<MadeApiKey> {
    const { name, expires, ...rules } = readBody(NewKeyBody, body, 'body');
    const expiresAt = expires === undefined ? {} : { expiresAt: timeOf(expires) };
    const made = await asProblem(() => this.keys.store.create(name, { ...rules, ...expiresAt } as KeyRules, { who }));
    return this.told(made);
  }

  @Post(':name/rotate')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  async rotate(@Param('name') name: string, @Body() body: unknown, @Who() who: string): Promise<MadeApiKey> {
    const { grace = GRACE } = readBody(RotateKeyBody, body ?? {}, 'body');
    const graceMs = parseDuration(grace);
    if (graceMs === undefined) throw refused('grace', grace, 'a duration like 10m, 24h or 7d, or 0s', '/grace');
    const made = await asProblem(() => this.keys.store.rotate(name, graceMs, { who }));
    if (made === undefined) throw missing(name);
    return this.told(made);
  }

  @Delete(':name')
  async revoke(@Param('name') name: string, @Who() who: string): Promise<AtVersion> {
    const version = await asProblem(() => this.keys.store.revoke(name, { who }));
    if (version === undefined) throw missing(name);
    await this.keys.look();
    return { version };
  }

  private async told({ token, key, version }: MadeKey): Promise<MadeApiKey> {
    await this.keys.look();
    const view = keyView(key);
    const expired = view.isExpired ? ['this key has expired: no token of it lets anybody in'] : [];
    return { token, key: view, version, warnings: [...(this.keys.isOpen ? [OPEN] : []), ...expired] };
  }
}

/** A time to come: of a duration, or as everywhere else. */
const timeOf = (text: string): number => {
  const inMs = parseDuration(text);
  return inMs === undefined ? (readTime('expires', text, '/expires') as number) : Date.now() + inMs;
};

const missing = (name: string): RequestRefused =>
  new RequestRefused(problem('not-found', 404, `There is no key "${name.slice(0, 100)}" in Redis`));

/** When it expires is written otherwise in a body. */
const pointerOf = ({ member }: KeyError): string | undefined =>
  member && (member === 'expiresAt' ? '/expires' : `/${member}`);

/** A 422 for what can be no key, a 409 for what somebody else changed meanwhile. */
const asProblem = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof KeyError) {
      throw new RequestRefused(problem('bad-key', 422, error.message, pointerOf(error)));
    }
    if (error instanceof VersionConflict) throw new RequestRefused(problem('conflict', 409, error.message));
    throw error;
  }
};
