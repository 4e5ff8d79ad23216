import type { ServiceOptions } from '@millrace/host';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ConsoleModule } from './console.module.js';
import { ConsoleConfig } from './console-config.js';
import { serveDocs } from './openapi/document.js';
import { servePage } from './page.js';
import { servePublish } from './publish/publish.js';

/** Nothing but the console's own files, in nobody's frame. The API's page has scripts of its own. */
const PROTECTION = {
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

const protect = (app: NestFastifyApplication): void => {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', async (request, reply) => {
      if (!request.url.startsWith('/docs')) void reply.headers(PROTECTION);
    });
};

/** The console as a service, with a page of its API unless `docsPage` is false. */
export const consoleService = ({ docsPage = true } = {}): ServiceOptions<ConsoleConfig> => ({
  hop: 'console',
  config: ConsoleConfig,
  module: () => ConsoleModule,
  prepare: (app, { GATEWAY_URL }) => {
    protect(app);
    servePublish(app, GATEWAY_URL);
    serveDocs(app, docsPage);
    servePage(app);
  },
});
