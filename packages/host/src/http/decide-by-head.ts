import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problem, RequestRefused } from './problem.js';

/** What a request says of itself before its body comes. */
export interface RequestHead {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/** Whatever may bring a body, and what answers more than a page of the service's own; by its letters alone, as routes decide again. */
const isDecided = ({ method, url }: FastifyRequest): boolean =>
  (method !== 'GET' && method !== 'HEAD') || /^\/(api|v1)\b/.test(url);

/** RFC 9112, 3.2: two proxies may go by different ones of them, and so may what decides by the host. */
const refuseTwoHosts = (rawHeaders: readonly string[]): void => {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts > 1) throw new RequestRefused(problem('not-http', 400, 'The request has more than one Host header'));
};

/**
 * Decides by its head whether a request is let in, before a byte of its body is read; `decide` throws where it is not. A client
 * that asks with `Expect: 100-continue` is told to go on only when it is. Of a request that is not let in, the body that still
 * comes is dropped. To be called before the app listens.
 */
export const decideByHead = (
  app: NestFastifyApplication,
  decide: (request: FastifyRequest, reply: FastifyReply) => void,
): void => {
  const fastify = app.getHttpAdapter().getInstance();
  // By Node's own reading: HTTP/1.0 asks for nothing, and what it does not tell to go on waits.
  const asking = new WeakSet<IncomingMessage>();
  // Node would say "100 Continue" before anybody has looked at the head.
  (fastify.server as Server).on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    asking.add(request);
    fastify.routing(request, response);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    const asks = asking.has(request.raw);
    // Where the answer is no, nobody knows whether the body comes all the same.
    if (asks) void reply.header('connection', 'close');
    try {
      refuseTwoHosts(request.raw.rawHeaders);
      if (isDecided(request)) decide(request, reply);
    } catch (error) {
      done(error as Error);
      return;
    }
    if (asks) {
      void reply.removeHeader('connection');
      reply.raw.writeContinue();
    }
    done();
  });
};
