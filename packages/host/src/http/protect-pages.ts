import type { NestFastifyApplication } from '@nestjs/platform-fastify';

const NO_FRAME = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** In nobody's frame. */
const PROTECTION = {
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

/** What a service answers is in nobody's frame, and a page of it loads nothing but the service's own files. */
export const protectPages = (app: NestFastifyApplication): void => {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', async (request, reply) => {
      // The API's page, which sends requests too, has scripts in itself.
      const isDocs = request.routeOptions.url?.startsWith('/docs') ?? false;
      const policy = isDocs ? NO_FRAME : `default-src 'self'; ${NO_FRAME}`;
      void reply.headers({ ...PROTECTION, 'content-security-policy': policy });
    });
};
