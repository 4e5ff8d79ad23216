import type { IncomingMessage } from 'node:http';
import { gatewayApi } from '@millrace/admin-api';
import { ApiKeys } from '@millrace/api-keys';
import { isBinary } from '@millrace/events';
import {
  boundPipelines,
  decideByHead,
  problem,
  protectPages,
  RequestRefused,
  type ServiceOptions,
} from '@millrace/host';
import { RedisTransport } from '@millrace/streams/redis';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Admission } from './admission/admission.js';
import { GatewayModule } from './gateway.module.js';
import { durabilityOf, GatewayConfig } from './gateway-config.js';
import { checkSlots } from './ingest/ingest-slots.js';
import { Schemas } from './schemas/schemas.js';

// Fastify refuses it too, but says neither what it got nor why.
const malformed = (contentType: string | undefined): Error | undefined => {
  if (contentType === undefined || contentType.includes('/')) return undefined;
  const detail = `Content-Type "${contentType.slice(0, 60)}" is not a media type; expected one such as application/json`;
  return new RequestRefused(problem('unsupported-media-type', 415, detail));
};

/** Bodies come in as bytes, NDJSON as a stream: the codec reads them, not Fastify. */
const takeBytes = (app: NestFastifyApplication): void => {
  const [fastify, admission] = [app.getHttpAdapter().getInstance(), app.get(Admission)];
  fastify.removeAllContentTypeParsers();
  fastify.addHook('onRequest', ({ headers }, _, done) => done(malformed(headers['content-type'])));
  fastify.addContentTypeParser('*', (request: FastifyRequest, stream: IncomingMessage) =>
    admission.collect(request, stream),
  );
  fastify.addContentTypeParser(
    /^application\/x-ndjson\s*(;|$)/i,
    async (request: FastifyRequest, stream: IncomingMessage) =>
      // With ce- headers the lines are the data of one event.
      isBinary(request.headers) ? admission.collect(request, stream) : stream,
  );
};

/** The gateway as a service, with `/docs-json` of its API for programs, and `/docs` for people unless `docsPage` is false. */
export const gatewayService = ({ docsPage = true } = {}): ServiceOptions<GatewayConfig> => ({
  hop: 'gateway',
  config: GatewayConfig,
  module: (config) => GatewayModule.of(config),
  bodyParser: false,
  examine: async (transport, config) => [await transport.server.examineDurability(durabilityOf(config))],
  server: ({ BODY_MAX_BYTES }) => ({ bodyLimit: BODY_MAX_BYTES, exposeHeadRoutes: false }),
  prepare: async (app, config) => {
    const hasMeasurements = config.INGEST_API === 'on';
    if (hasMeasurements && app.get(RedisTransport).connections.isCluster) checkSlots(config);
    boundPipelines(app);
    protectPages(app);
    const admission = app.get(Admission);
    decideByHead(app, (request, reply) => admission.decide(request, reply));
    takeBytes(app);
    const document = () => gatewayApi(hasMeasurements) as unknown as OpenAPIObject;
    SwaggerModule.setup('docs', app, document, { ui: docsPage });
    await app.get(ApiKeys).start();
    await app.get(Schemas).start();
  },
});
