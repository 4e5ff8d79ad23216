import { createServer, type Server } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

const PROBED = /^\/(health\/(live|ready)|metrics)($|\?)/;

/**
 * Listens for probes and scrapes alone, without TLS: they have no certificate to show, and find nothing else there. Rejects
 * as `listen` does.
 */
export const listenForProbes = async (app: NestFastifyApplication, port: number, address: string): Promise<Server> => {
  const fastify = app.getHttpAdapter().getInstance();
  const server = createServer((request, response) => {
    if (PROBED.test(request.url ?? '')) return fastify.routing(request, response);
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  return server;
};
