import { randomBytes } from 'node:crypto';
import { type Receiver, startReceiver, waitFor } from '@millrace/testkit';
import { printAs } from '../print.js';
import { apiKey } from './api-key.js';
import { putFirstRoutes } from './first-routes.js';
import { openPostgres } from './postgres.js';
import { type Backend, openRedis } from './redis.js';
import { Service } from './service.js';
import { type Ports, type ServiceName, serviceSpecs } from './services.js';

const READY_WITHIN_MS = 60_000;

/** The whole pipeline, running. */
export class Stack {
  private constructor(
    readonly redis: Backend,
    readonly postgres: Backend,
    readonly receiver: Receiver,
    readonly services: readonly Service[],
  ) {}

  /** Starts everything; what was started is stopped if something cannot be. */
  static async start(ports: Ports): Promise<Stack> {
    const started: (() => Promise<void>)[] = [];
    const keep = <T extends { stop(): Promise<void> }>(one: T): T => {
      started.unshift(() => one.stop());
      return one;
    };
    try {
      printAs('millrace', 'starting Redis and Postgres');
      const redis = keep(await openRedis());
      const postgres = keep(await openPostgres());
      const webhookSecret = `whsec_${randomBytes(24).toString('base64')}`;
      const receiver = keep(await startReceiver({ secret: webhookSecret }));
      const around = { redisUrl: redis.url, databaseUrl: postgres.url, webhookUrl: receiver.url, webhookSecret };
      const specs = serviceSpecs(ports, around);
      printAs('millrace', `starting ${specs.map(({ name }) => name).join(', ')}`);
      const services = specs.map((spec) => keep(new Service(spec)));
      await allReady(services);
      const stack = new Stack(redis, postgres, receiver, services);
      await putFirstRoutes({ consoleUrl: stack.url('console'), routerUrl: stack.url('router'), apiKey: apiKey() });
      return stack;
    } catch (error) {
      for (const stop of started) await stop();
      throw error;
    }
  }

  url(name: ServiceName): string {
    return (this.services.find(({ spec }) => spec.name === name) as Service).url;
  }

  /** Resolves with why, when a service ends that nobody stopped. */
  broken(): Promise<string> {
    return Promise.race(this.services.map((service) => service.died()));
  }

  /** Stops the services, then what they used. */
  async stop(): Promise<void> {
    await Promise.all(this.services.map((service) => service.stop()));
    await this.receiver.stop();
    await this.postgres.stop();
    await this.redis.stop();
  }
}

const allReady = async (services: readonly Service[]): Promise<void> => {
  const died = Promise.race(services.map((service) => service.died())).then((obituary) => {
    throw new Error(obituary);
  });
  died.catch(() => undefined); // Whoever waits for it hears of it; nobody may wait any more.
  for (const service of services) {
    const ready = waitFor(() => service.ready(), {
      what: `${service.spec.name} to be ready`,
      timeoutMs: READY_WITHIN_MS,
      everyMs: 100,
    });
    ready.catch(() => undefined);
    await Promise.race([ready, died]);
  }
  printAs('millrace', `${services.length} services are ready`);
};
