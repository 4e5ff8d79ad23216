import { ApiKeys } from '@millrace/api-keys';
import { decideByHead, type ServiceOptions, useExactJson } from '@millrace/host';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Access } from './access/access.js';
import { ConsoleModule } from './console.module.js';
import { ConsoleConfig } from './console-config.js';
import { serveDocs } from './openapi/document.js';
import { servePage } from './page.js';
import { servePublish } from './publish/publish.js';

const NO_FRAME = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/** In nobody's frame. */
const PROTECTION = {
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

const protect = (app: NestFastifyApplication): void => {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', async (request, reply) => {
      // Nothing but the console's own files. The API's page, which sends requests too, has scripts in itself.
      const isDocs = /^\/docs($|[/?])/.test(request.url);
      const policy = isDocs ? NO_FRAME : `default-src 'self'; ${NO_FRAME}`;
      void reply.headers({ ...PROTECTION, 'content-security-policy': policy });
    });
};

/** The console as a service, with a page of its API unless `docsPage` is false. */
export const consoleService = ({ docsPage = true } = {}): ServiceOptions<ConsoleConfig> => ({
  hop: 'console',
  config: ConsoleConfig,
  module: () => ConsoleModule,
  bodyParser: false,
  prepare: async (app, { GATEWAY_URL }) => {
    await app.get(ApiKeys).start();
    protect(app);
    const access = app.get(Access);
    decideByHead(app, (request) => void access.admit(request, 'read'));
    useExactJson(app);
    servePublish(app, GATEWAY_URL);
    serveDocs(app, docsPage);
    servePage(app);
  },
});
