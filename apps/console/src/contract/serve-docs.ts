import { ADMIN_API } from '@millrace/admin-api';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** `/docs` for people, `/docs-json` for programs. */
export const serveDocs = (app: NestFastifyApplication, page: boolean): void => {
  SwaggerModule.setup('docs', app, () => structuredClone(ADMIN_API) as unknown as OpenAPIObject, { ui: page });
};
