import { DefinitionError, type Source } from '@millrace/definitions';
import type { Pattern } from '@millrace/patterns';
import { hookStream } from '@millrace/streams';

/** Where events are sent, and which. Never changes; a change of an endpoint makes another. */
export interface Endpoint {
  readonly name: string;
  /** `http:` or `https:`; user and password in it are sent as basic authentication. */
  readonly url: URL;
  /** Keys of the signature, all of which sign; none: requests are not signed. */
  readonly keys: readonly Buffer[];
  /** Written as `signed: false`: that it has no key is nobody's mistake. */
  readonly isUnsigned: boolean;
  /** Names of the topics that it gets; `'*'` is all that the sink reads. */
  readonly topics: '*' | ReadonlySet<string>;
  /** Sent with every request, names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  /** How long it may take to answer, in milliseconds; undefined is the default of the process. */
  readonly timeoutMs: number | undefined;
  /** Which events of its topics it gets; undefined: all. */
  readonly pattern: Pattern | undefined;
  /** What is sent: the event as structured or binary CloudEvents, or its data alone. */
  readonly format: EndpointFormat;
  /** Most requests a second, from each process; undefined: as many as it takes. */
  readonly perSecond: number | undefined;
  /** Gets nothing while it is false. */
  readonly isEnabled: boolean;
}

/** An endpoint as people write it and Redis holds it. Its secret is in it: nobody shows it as it is. */
export type WrittenEndpoint = Readonly<Record<string, unknown>> & { readonly name: string };

/** Of which events an endpoint gets some, as the sink that serves it registers it. */
export interface EndpointAbout {
  /** Where it is written: the one in the sink's file or environment goes before one in Redis. */
  readonly source: Source;
  /** `'*'` is all that the sink reads. */
  readonly topics: '*' | readonly string[];
  /** The JSON text of its pattern; absent where it gets all of them. */
  readonly pattern?: string;
}

/** The group and the name of the process of webhook sinks, where they have none of their own. */
export const WEBHOOK_HOP = 'sink-webhook';

/** How an event is sent. */
export type EndpointFormat = 'structured' | 'binary' | 'data';

/** An endpoint that cannot be used: says which, where and what is accepted. Never holds a secret or a password. */
export class EndpointError extends DefinitionError {
  override readonly name = 'EndpointError';

  constructor(message: string, options?: ErrorOptions & { readonly pointer?: string }) {
    super('bad-endpoint', message, options);
  }
}

/** The consumer group of an endpoint's deliveries: retries and dead letters are its own. */
export const groupOf = (endpoint: string): string => `hook.${endpoint}`;

/** The stream of an endpoint's deliveries. */
export const streamOf = (endpoint: string): string => hookStream(endpoint);

/** Whether the endpoint gets events of a topic. */
export const takes = ({ topics, isEnabled }: Endpoint, topic: string): boolean =>
  isEnabled && (topics === '*' || topics.has(topic));

/**
 * The address as it may be logged: without user, password, path and query, any of which may be a secret. Whoever has the path of
 * a chat's webhook may write there.
 */
export const shownUrl = ({ origin, pathname }: URL): string => `${origin}${pathname === '/' ? '/' : '/…'}`;
