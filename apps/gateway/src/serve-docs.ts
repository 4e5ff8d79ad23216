import { gatewayApi } from '@millrace/admin-api';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** `/docs` for people, `/docs-json` for programs. */
export const serveDocs = (app: NestFastifyApplication, page: boolean, hasMeasurements: boolean): void => {
  SwaggerModule.setup('docs', app, () => gatewayApi(hasMeasurements) as unknown as OpenAPIObject, { ui: page });
};
