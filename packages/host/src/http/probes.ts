import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { problem, RequestRefused } from './problem.js';

const PROBED = /^\/(health\/(live|ready)|metrics)($|\?)/;

/** Where there is a port for scrapes, the metrics, which name API keys and endpoints, are there and nowhere else. */
export class Scrapes {
  private readonly own = new WeakSet<IncomingMessage>();

  /** Of an app that does not listen yet. */
  constructor(app: NestFastifyApplication) {
    app
      .getHttpAdapter()
      .getInstance()
      .addHook('onRequest', async ({ raw, routeOptions }) => {
        if (routeOptions.url !== '/metrics' || this.own.has(raw)) return;
        throw new RequestRefused(problem('not-found', 404, 'The metrics are served on HEALTH_PORT'));
      });
  }

  /** This request came by the port for scrapes. */
  note(request: IncomingMessage): void {
    this.own.add(request);
  }
}

/**
 * Listens for probes and scrapes alone, without TLS: they have no certificate to show, and find nothing else there. Rejects
 * as `listen` does.
 */
export const listenForProbes = async (
  app: NestFastifyApplication,
  scrapes: Scrapes,
  port: number,
  address: string,
): Promise<Server> => {
  const fastify = app.getHttpAdapter().getInstance();
  const server = createServer((request, response) => {
    if (PROBED.test(request.url ?? '')) {
      scrapes.note(request);
      return fastify.routing(request, response);
    }
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  return server;
};
