import type { NestFastifyApplication } from '@nestjs/platform-fastify';

const NO_FRAME = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** No browser takes what is no page for one. */
const OF_ALL = { 'x-content-type-options': 'nosniff' } as const;
const ofPages = (policy: string) => ({
  ...OF_ALL,
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': policy,
});
const OF_DOCS = ofPages(NO_FRAME);
const OF_PAGES = ofPages(`default-src 'self'; ${NO_FRAME}`);

/**
 * What a service shows is in nobody's frame, and a page of it loads nothing but the service's own files. The answer to what is sent is no
 * page, and there are many of them.
 */
export const protectPages = (app: NestFastifyApplication): void => {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      // The API's page, which sends requests too, has scripts in itself.
      const isDocs = request.routeOptions.url?.startsWith('/docs') ?? false;
      void reply.headers(request.method === 'POST' ? OF_ALL : isDocs ? OF_DOCS : OF_PAGES);
      done();
    });
};
