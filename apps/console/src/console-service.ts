import { fileURLToPath } from 'node:url';
import { ADMIN_API } from '@millrace/admin-api';
import { ApiKeys } from '@millrace/api-keys';
import { boundPipelines, decideByHead, protectPages, type ServiceOptions, useExactJson } from '@millrace/host';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { Access } from './access/access.js';
import { ConsoleModule } from './console.module.js';
import { ConsoleConfig } from './console-config.js';
import { servePage } from './page/serve-page.js';
import { servePublish } from './publish/publish.js';

// The same from `src`, where tests run, and from `dist`.
const PAGE = fileURLToPath(new URL('../dist/web/', import.meta.url));

/** The console as a service, with `/docs-json` of its API for programs, and `/docs` for people unless `docsPage` is false. */
export const consoleService = ({ docsPage = true } = {}): ServiceOptions<ConsoleConfig> => ({
  hop: 'console',
  config: ConsoleConfig,
  module: (config) => ConsoleModule.of(config),
  bodyParser: false,
  prepare: async (app, { GATEWAY_URL }) => {
    await app.get(ApiKeys).start();
    boundPipelines(app);
    protectPages(app);
    const access = app.get(Access);
    decideByHead(app, (request) => void access.admit(request, 'read'));
    useExactJson(app);
    servePublish(app, GATEWAY_URL);
    const document = () => structuredClone(ADMIN_API) as unknown as OpenAPIObject;
    SwaggerModule.setup('docs', app, document, { ui: docsPage });
    servePage(app, PAGE);
  },
});
