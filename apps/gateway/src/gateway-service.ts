import { problem, RequestRefused, type ServiceOptions } from '@millrace/host';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { GatewayModule } from './gateway.module.js';
import { durabilityOf, GatewayConfig } from './gateway-config.js';
import { serveDocs } from './openapi.js';

// Fastify refuses it too, but says neither what it got nor why.
const refuseMalformed = (contentType: string | undefined): void => {
  if (contentType === undefined || contentType.includes('/')) return;
  const detail = `Content-Type "${contentType.slice(0, 60)}" is no media type; it takes one such as application/json`;
  throw new RequestRefused(problem('unsupported-media-type', 415, detail));
};

/** Bodies come in as bytes, NDJSON as a stream: the codec reads them, not Fastify. */
const takeBytes = (app: NestFastifyApplication): void => {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addHook('onRequest', async ({ headers }) => refuseMalformed(headers['content-type']));
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  fastify.addContentTypeParser(/^application\/x-ndjson/i, (_request, stream, done) => done(null, stream));
};

/** The gateway as a service, with a page of its API for people unless `docsPage` is false. */
export const gatewayService = ({ docsPage = true } = {}): ServiceOptions<GatewayConfig> => ({
  hop: 'gateway',
  config: GatewayConfig,
  module: () => GatewayModule,
  bodyParser: false,
  examine: async (transport, config) => [await transport.examineDurability(durabilityOf(config))],
  adapter: ({ BODY_MAX_BYTES }) => new FastifyAdapter({ bodyLimit: BODY_MAX_BYTES, exposeHeadRoutes: false }),
  prepare: (app) => {
    takeBytes(app);
    serveDocs(app, docsPage);
  },
});
