import { Readable } from 'node:stream';
import { PROBLEM_JSON, problem, problemOf, RequestRefused } from '@millrace/host';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../access/access.js';

/** What goes on to the gateway: what the event is, and who sends it. */
const PASSED_ON = /^(content-type|idempotency-key|authorization|x-api-key|traceparent|tracestate|ce-.+)$/;
const PASSED_BACK = ['retry-after', 'content-type', 'ratelimit', 'ratelimit-policy', 'www-authenticate'];
const LONGEST_MS = 300_000;

/**
 * `POST /api/events`: hands events to the gateway as they are, which does with them what it does with all, and gives its
 * answer. A route of its own, because a body of any type and length passes through it unread.
 */
export const servePublish = (app: NestFastifyApplication, gatewayUrl: string): void => {
  const access = app.get(Access);
  void app
    .getHttpAdapter()
    .getInstance()
    .register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
      scope.setErrorHandler((error, _request, reply) => {
        const { problem: told, headers } = problemOf(error);
        void reply.code(told.status).headers(headers).type(PROBLEM_JSON).send(told);
      });
      scope.post('/api/events', async (request, reply) => {
        access.admit(request, 'operate');
        return passOn(request, reply, new URL('v1/events', `${gatewayUrl.replace(/\/$/, '')}/`));
      });
    });
};

const passOn = async (request: FastifyRequest, reply: FastifyReply, url: URL): Promise<FastifyReply> => {
  const answer = await send(request, url);
  for (const name of PASSED_BACK) {
    const value = answer.headers.get(name);
    if (value !== null) void reply.header(name, value);
  }
  return reply.code(answer.status).send(Buffer.from(await answer.arrayBuffer()));
};

const send = async ({ headers, body }: FastifyRequest, url: URL): Promise<Response> => {
  const passed = Object.entries(headers).flatMap(([name, value]) =>
    PASSED_ON.test(name) && typeof value === 'string' ? [[name, value] as [string, string]] : [],
  );
  try {
    return await fetch(url, {
      method: 'POST',
      headers: passed,
      ...(body instanceof Readable ? { body: Readable.toWeb(body) as ReadableStream, duplex: 'half' } : {}),
      redirect: 'manual',
      signal: AbortSignal.timeout(LONGEST_MS),
    } as RequestInit);
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    const why = code ?? (error as Error).message;
    const detail = `The gateway at ${url.origin} is unreachable (${why}); check GATEWAY_URL`;
    throw new RequestRefused(problem('unavailable', 503, detail), { 'retry-after': '1' });
  }
};
