import type { IncomingMessage } from 'node:http';
import { ApiKeys } from '@millrace/api-keys';
import { isBinary } from '@millrace/events';
import { problem, RequestRefused, type ServiceOptions } from '@millrace/host';
import { RedisTransport } from '@millrace/streams/redis';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { GatewayModule } from './gateway.module.js';
import { durabilityOf, GatewayConfig } from './gateway-config.js';
import { checkSlots } from './ingest/ingest-slots.js';
import { serveDocs } from './openapi.js';
import { Schemas } from './schemas/schemas.js';

// Fastify refuses it too, but says neither what it got nor why.
const refuseMalformed = (contentType: string | undefined): void => {
  if (contentType === undefined || contentType.includes('/')) return;
  const detail = `Content-Type "${contentType.slice(0, 60)}" is no media type; it takes one such as application/json`;
  throw new RequestRefused(problem('unsupported-media-type', 415, detail));
};

/** A whole body. Throws a 413 where it is over the limit. */
const collect = async (stream: IncomingMessage, limit: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let length = 0;
  // To leave an iteration would destroy the stream, and with it the socket that the answer has to go through.
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) {
      stream.resume(); // What still comes is dropped, until the client has read the answer and the connection ends.
      const told = problem('too-large', 413, `The body is too large; it takes ${limit} bytes`);
      throw new RequestRefused(told, { connection: 'close' });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/** Bodies come in as bytes, NDJSON as a stream: the codec reads them, not Fastify. */
const takeBytes = (app: NestFastifyApplication, bodyLimit: number): void => {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addHook('onRequest', async ({ headers }) => refuseMalformed(headers['content-type']));
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  fastify.addContentTypeParser(
    /^application\/x-ndjson\s*(;|$)/i,
    async (request: FastifyRequest, stream: IncomingMessage) =>
      // With ce- headers the lines are the data of one event.
      isBinary(request.headers) ? collect(stream, bodyLimit) : stream,
  );
};

/** The gateway as a service, with a page of its API for people unless `docsPage` is false. */
export const gatewayService = ({ docsPage = true } = {}): ServiceOptions<GatewayConfig> => ({
  hop: 'gateway',
  config: GatewayConfig,
  module: () => GatewayModule,
  bodyParser: false,
  examine: async (transport, config) => [await transport.examineDurability(durabilityOf(config))],
  server: ({ BODY_MAX_BYTES }) => ({ bodyLimit: BODY_MAX_BYTES, exposeHeadRoutes: false }),
  prepare: async (app, config) => {
    if (app.get(RedisTransport).isCluster) checkSlots(config);
    takeBytes(app, config.BODY_MAX_BYTES);
    serveDocs(app, docsPage);
    await app.get(ApiKeys).start();
    await app.get(Schemas).start();
  },
});
