import { runService } from '@millrace/host';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { GatewayModule } from './gateway.module.js';
import { GatewayConfig } from './gateway-config.js';

await runService({
  hop: 'gateway',
  config: GatewayConfig,
  module: () => GatewayModule,
  bodyParser: false,
  adapter: (config) => new FastifyAdapter({ bodyLimit: config.BODY_MAX_BYTES, exposeHeadRoutes: false }),
  prepare: (app) => {
    const fastify = app.getHttpAdapter().getInstance();
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    fastify.addContentTypeParser(/^application\/x-ndjson/i, (_request, stream, done) => done(null, stream));
  },
});
