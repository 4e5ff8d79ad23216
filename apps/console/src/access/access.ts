import type { ServerResponse } from 'node:http';
import { ApiKeys, type EnvironmentKey, type Scope } from '@millrace/api-keys';
import { type RequestHead, RequestRefused, refuseForeignPages, whenOver } from '@millrace/host';
import { Inject, Injectable } from '@nestjs/common';
import { ConsoleConfig } from '../console-config.js';
import { refusal } from '../contract/problems.js';

/** What somebody may do: look; also send again, pause and delete; also change routes, schemas, endpoints and keys. */
export const ROLES = ['read', 'operate', 'admin'] as const satisfies Scope[];
export type Role = (typeof ROLES)[number];

export interface Caller {
  /** Name of the API key, or a short one made of it; nothing where none is asked for. */
  readonly name: string;
  readonly role: Role;
}

const LOOK_AGAIN_MS = 1000;

/** Keys of the environment with what they may do; a key that is in several lists may do the most, which stands last. */
export const environmentKeys = (config: ConsoleConfig): EnvironmentKey[] => {
  const of = (keys: readonly string[] | undefined, scope: Role): EnvironmentKey[] =>
    (keys ?? []).map((key) => ({ key, scopes: [scope] }));
  return [
    ...of(config.API_KEYS_READ, 'read'),
    ...of(config.API_KEYS_OPERATE, 'operate'),
    ...of(config.API_KEYS, 'admin'),
  ];
};

/** Tells who sends a request and whether they may, by its key and by the page that it comes from. */
@Injectable()
export class Access {
  constructor(
    @Inject(ConsoleConfig) private readonly config: ConsoleConfig,
    @Inject(ApiKeys) private readonly keys: ApiKeys,
  ) {}

  get isOpen(): boolean {
    return this.keys.isOpen;
  }

  /** Throws a 401 without a known key, a 403 for less than the role, and for what a page of another site sent. */
  admit(request: RequestHead, needed: Role): Caller {
    const { name, role } = this.keys.identify(request.headers);
    refuseForeignPages(request, { isOpen: this.isOpen, allowedHosts: this.config.ALLOWED_HOSTS });
    if (role === undefined) throw forbidden('This API key may only publish events, not use the console');
    if (ROLES.indexOf(role) < ROLES.indexOf(needed)) {
      throw forbidden(`This API key has the role "${role}"; this requires "${needed}"`);
    }
    return { name, role };
  }

  /** Ends an answer that may go on for days when its key lets nobody in any more. */
  endWithKey(request: RequestHead, needed: Role, response: ServerResponse): void {
    if (this.isOpen || response.destroyed) return;
    const again = setInterval(() => {
      try {
        this.admit(request, needed);
      } catch {
        response.end();
      }
    }, LOOK_AGAIN_MS);
    whenOver(response, () => clearInterval(again));
  }
}

const forbidden = (detail: string): RequestRefused => refusal('forbidden', 403, detail);
