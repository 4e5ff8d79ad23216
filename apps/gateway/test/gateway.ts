import { gatewayApi } from '@millrace/admin-api';
import { Service } from '@millrace/host';
import { RedisTransport } from '@millrace/streams/redis';
import { DescribedAnswers } from '@millrace/testkit';
import { GatewayConfig } from '../src/gateway-config.js';
import { gatewayService } from '../src/gateway-service.js';

/** What a gateway answered. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into answers of every shape
  readonly body: any;
}

/** A gateway in this process, on a port of its own. */
export interface TestGateway {
  readonly url: string;
  /** Its Redis, to look into. */
  readonly transport: RedisTransport;
  /** `POST /v1/events`; an object or array is sent as JSON, a text or bytes as they are. */
  post(body: unknown, headers?: Record<string, string>, path?: string): Promise<Answered>;
  get(path: string, headers?: Record<string, string>): Promise<Answered>;
  /** The JSON of every event in `in`, in order. */
  appended(): Promise<Record<string, unknown>[]>;
  /** Rejects where an answer was not as the document describes it. */
  close(): Promise<void>;
}

let prefixes = 0;

/** Starts a gateway with keys of its own. Its answers are held to the document. */
export const startGateway = async (redisUrl: string, config: Partial<GatewayConfig> = {}): Promise<TestGateway> => {
  const prefix = `gw${prefixes++}:`;
  const all = Object.assign(
    new GatewayConfig(),
    { REDIS_URL: redisUrl, KEY_PREFIX: prefix, PORT: 0, LOG_LEVEL: 'silent' },
    { INGEST_API: 'on', INGEST_STREAM_KEY: 'telemetry', INGEST_METRICS_KEY: 'metrics', INGEST_DEAD_LETTER_KEY: 'dead' },
    config,
  );
  const service = await Service.create(gatewayService({ docsPage: false }), all);
  const answers = new DescribedAnswers(gatewayApi(true), /^\/(v1|api)\//);
  service.app.getHttpAdapter().getInstance().addHook('onSend', answers.hold);
  const url = await service.start((error) => {
    throw error;
  });
  const transport = new RedisTransport({ url: redisUrl, keyPrefix: prefix });
  const read = async (response: Response): Promise<Answered> => {
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  return {
    url,
    transport,
    post: async (body, headers = {}, path = '/v1/events') => {
      const raw = typeof body === 'string' || body instanceof Uint8Array;
      const all = { 'content-type': 'application/json', ...headers };
      return read(
        await fetch(url + path, {
          method: 'POST',
          headers: all,
          body: raw ? (body as string) : JSON.stringify(body),
        }),
      );
    },
    get: async (path, headers = {}) => read(await fetch(url + path, { headers })),
    appended: async () => {
      const deliveries = await transport.reader.range({ name: 'in', partition: 0 }, '-', '+', 100_000);
      return deliveries.map(({ event }) => JSON.parse(event.json) as Record<string, unknown>);
    },
    close: async () => {
      await transport.close();
      await service.close();
      answers.check();
    },
  };
};
