import type { Socket } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** Requests of one connection that wait for their answers: Node would take as many as come in one packet. */
const MOST_WAITING = 20;

/**
 * Ends a connection that sends more than 20 requests before it takes the first answer: each of them and its answer is in
 * memory until then. To be called before the app listens, and before other hooks.
 */
export const boundPipelines = (app: NestFastifyApplication): void => {
  const waiting = new WeakMap<Socket, number>();
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', ({ raw: { socket } }, reply, done) => {
      const count = (waiting.get(socket) ?? 0) + 1;
      waiting.set(socket, count);
      if (count <= MOST_WAITING) {
        // Of a connection that ends before, nobody asks any more.
        reply.raw.once('finish', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
        return done();
      }
      reply.hijack();
      socket.destroy();
    });
};
