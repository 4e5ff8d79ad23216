import { isIP } from 'node:net';
import { ApiKeys, problem, RequestRefused } from '@millrace/host';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ConsoleConfig } from '../console-config.js';

/** What somebody may do: look; also send again, pause and delete; also change routes, schemas and endpoints. */
export const ROLES = ['read', 'operate', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who sends a request. */
export interface Caller {
  /** Short name of the API key; nothing where none is asked for. */
  readonly name: string;
  readonly role: Role;
}

/** What a request says of itself. */
type RequestHead = Pick<FastifyRequest, 'headers' | 'method'>;

const LOOKS = new Set(['GET', 'HEAD']);

/** Tells who sends a request and whether they may, by its key and by the page that it comes from. */
@Injectable()
export class Access {
  private readonly keys: ApiKeys;
  private readonly roles = new Map<string, Role>();
  readonly isOpen: boolean;

  constructor(@Inject(ConsoleConfig) private readonly config: ConsoleConfig) {
    const keysOf: readonly (readonly [Role, readonly string[] | undefined])[] = [
      ['read', config.API_KEYS_READ],
      ['operate', config.API_KEYS_OPERATE],
      ['admin', config.API_KEYS], // Last: a key that is in several lists may do the most.
    ];
    for (const [role, keys = []] of keysOf) for (const key of keys) this.roles.set(ApiKeys.nameOf(key), role);
    this.keys = new ApiKeys(keysOf.flatMap(([, keys = []]) => keys));
    this.isOpen = this.roles.size === 0;
  }

  /** Throws a 401 without a known key, a 403 for less than the role, and for what a page of another site sent. */
  admit(request: RequestHead, needed: Role): Caller {
    const name = this.keys.identify(request.headers);
    const role = this.isOpen ? 'admin' : (this.roles.get(name) as Role);
    if (this.isOpen) this.refuseForeignHost(request);
    if (!LOOKS.has(request.method)) refuseOtherSites(request);
    if (ROLES.indexOf(role) < ROLES.indexOf(needed)) {
      throw forbidden(`This API key has the role "${role}"; this takes "${needed}"`);
    }
    return { name, role };
  }

  /**
   * A page elsewhere may point a name of its own at this address; its script would then be of the same origin. So where no
   * key is asked for, the name that was called has to be one of ours.
   */
  private refuseForeignHost({ headers }: RequestHead): void {
    const host = hostOf(headers.host ?? '');
    const isOurs = host === '' || isIP(host) > 0 || !host.includes('.') || host.endsWith('.localhost');
    if (isOurs || this.config.ALLOWED_HOSTS?.includes(host)) return;
    throw forbidden(`The host "${host.slice(0, 100)}" is not in ALLOWED_HOSTS, and no API key is asked for`);
  }
}

const forbidden = (detail: string): RequestRefused => new RequestRefused(problem('forbidden', 403, detail));

/** A host without its port, and an IPv6 address without its brackets. */
const hostOf = (text: string): string =>
  /^\[([^\]]*)\]/.exec(text)?.[1] ?? (text.split(':')[0] as string).toLowerCase();

/** Browsers say where a request comes from. What is no browser says nothing, and is let through. */
const refuseOtherSites = ({ headers }: RequestHead): void => {
  const site = headers['sec-fetch-site'];
  const { origin, host } = headers;
  const isOther = origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host);
  if (isOther || site === 'cross-site' || site === 'same-site') {
    throw forbidden('A page of another site may not change anything here');
  }
};
