import { assertPortFree, freePort } from '@millrace/testkit';
import type { ServiceSpec } from './service.js';

/** What the services need to know of each other. */
export interface CliIo {
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly webhookUrl: string;
  readonly webhookSecret: string;
}

/** The usual ports; the READMEs and the compose file name the same. */
export const PORTS = {
  gateway: 8080,
  router: 8081,
  'sink-postgres': 8082,
  'sink-webhook': 8083,
  'sink-timeseries': 8084,
  console: 8090,
} as const;

export type ServiceName = keyof typeof PORTS;
export type Ports = Readonly<Record<ServiceName, number>>;

/** Topics that the webhook of the local stack gets. */
export const WEBHOOK_TOPICS = ['github', 'pushes'] as const;

/** The usual ports, or free ones. Throws one line that names the port and who wanted it if one is taken. */
export const choosePorts = async (free: boolean): Promise<Ports> => {
  const chosen: Record<string, number> = {};
  for (const [name, port] of Object.entries(PORTS)) {
    chosen[name] = free ? await freePort() : port;
    await assertPortFree(chosen[name] as number).catch((cause: Error) => {
      throw new Error(`${name}: ${cause.message} (npm start -- --free-ports)`, { cause });
    });
  }
  return chosen as unknown as Ports;
};

/** Every service with its environment. */
export const serviceSpecs = (ports: Ports, around: CliIo): ServiceSpec[] => {
  const own: Readonly<Record<ServiceName, Record<string, string>>> = {
    gateway: { INGEST_API: 'on' },
    router: {},
    'sink-postgres': { DATABASE_URL: around.databaseUrl, TOPICS: '*' },
    'sink-webhook': {
      WEBHOOK_URL: around.webhookUrl,
      ALLOW_NETWORKS: '127.0.0.0/8', // The receiver is on this machine.
      WEBHOOK_SECRET: around.webhookSecret,
      TOPICS: WEBHOOK_TOPICS.join(','),
    },
    // The readings of the feed are days apart and years old.
    'sink-timeseries': { TOPICS: 'telemetry', ROLLUPS: 'avg:30d,max:30d', SERIES_RETENTION: '0s' },
    console: { GATEWAY_URL: `http://127.0.0.1:${ports.gateway}` },
  };
  return Object.entries(own).map(([name, env]) => ({
    name,
    port: ports[name as ServiceName],
    env: { REDIS_URL: around.redisUrl, ...env },
  }));
};
