import type { RedisOptions } from 'ioredis';

/** Where a server listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What a Redis URL names: one server, one that Sentinel names, or the nodes of a cluster. */
export type RedisAddress =
  | { readonly kind: 'server' | 'sentinel'; readonly options: RedisOptions }
  | { readonly kind: 'cluster'; readonly nodes: readonly Endpoint[]; readonly options: Admission };

/** What is shown to a server, and by what it is known, as PEM; read at each connection. */
export interface RedisTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** How a server lets us in. */
export type Admission = Pick<RedisOptions, 'username' | 'password' | 'tls'>;

const FORMS =
  'redis://host:port, redis+sentinel://host:port,…/name or redis+cluster://host:port,…, with rediss for TLS';
const URL_PARTS = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^/?#]*)@)?([^@/?#]*)(\/[^?#]*)?(?:\?([^#]*))?$/;
const HOST_PARTS = /^(\[[^\]]+\]|[^:,[\]]+)(?::(\d{1,5}))?$/;
const REDIS_PORT = 6379;
const SENTINEL_PORT = 26_379;

/** The address of a URL. Throws a TypeError of one sentence if it is of no known form. `tls` counts where the URL has TLS. */
export const parseRedisUrl = (url: string, tls: RedisTls = {}): RedisAddress => {
  const [, scheme, kind, user = '', hosts = '', path = '', query = ''] = URL_PARTS.exec(url) ?? [];
  const nodes = hosts.split(',').map((host) => endpointOf(host, kind === 'sentinel' ? SENTINEL_PORT : REDIS_PORT));
  if (scheme === undefined || nodes.includes(undefined) || (kind === undefined && nodes.length > 1)) {
    throw new TypeError(`a Redis URL is ${FORMS}, not "${withoutPassword(url)}"`);
  }
  const options: Admission = { ...credentials(user), ...(scheme === 'rediss' ? { tls } : {}) };
  const [name = '', db] = path.split('/').slice(1);
  if (kind === 'cluster') {
    if (!['', '0'].includes(name)) throw new TypeError(`a Redis Cluster has only database 0, not "${path}"`);
    return { kind, nodes: nodes as Endpoint[], options };
  }
  if (kind === 'sentinel') {
    if (name === '') throw new TypeError('a URL of Sentinels ends in the name of the primary: redis+sentinel://…/name');
    const watched = sentinelOptions(nodes as Endpoint[], name, new URLSearchParams(query), options.tls);
    return { kind, options: { ...options, ...watched, db: databaseOf(db) } };
  }
  return { kind: 'server', options: { ...options, ...nodes[0], db: databaseOf(name) } };
};

/** The URL as it may be logged. */
export const withoutPassword = (url: string): string =>
  url.replace(/\/\/([^/@:]*):[^/]*@/, '//$1:***@').replace(/([?&]sentinelPassword=)[^&#]*/g, '$1***');

const endpointOf = (text: string, otherwise: number): Endpoint | undefined => {
  const [, host, port] = HOST_PARTS.exec(text) ?? [];
  if (host === undefined || Number(port ?? 0) > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? otherwise) };
};

const credentials = (text: string): Pick<RedisOptions, 'username' | 'password'> => {
  const [username = '', ...password] = text.split(':');
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password.join('') === '' ? {} : { password: decodeURIComponent(password.join(':')) }),
  };
};

const sentinelOptions = (
  sentinels: Endpoint[],
  name: string,
  query: URLSearchParams,
  tls: RedisOptions['tls'],
): RedisOptions => {
  const [username, password] = [query.get('sentinelUsername'), query.get('sentinelPassword')];
  return {
    sentinels,
    name: decodeURIComponent(name),
    ...(username === null ? {} : { sentinelUsername: username }),
    ...(password === null ? {} : { sentinelPassword: password }),
    ...(tls === undefined ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true }),
  };
};

const databaseOf = (text = ''): number => {
  if (!/^\d*$/.test(text)) throw new TypeError(`a Redis URL ends in a database number, not "/${text}"`);
  return Number(text);
};
