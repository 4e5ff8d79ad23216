import { type ServerOptions as HttpOptions, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Problem } from '@millrace/admin-api';
import type { FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import type { BaseConfig } from '../config/base-config.js';
import { PROBLEM_JSON, problem } from './problem.js';

/** What Fastify's server is made with. */
export type ServerOptions = FastifyServerOptions & { readonly http?: HttpOptions };

/** Names in a path may be as long as CloudEvents lets a type be, every letter of it escaped. */
const LONGEST_NAME = 3 * 1024;

/** How long the head of a request may take: nobody types it. */
const HEAD_MS = 20_000;

/**
 * How much and how long a client may take of a server before it is cut off, with a sentence: a request that comes a byte
 * at a time, or a head without end, holds a connection and nothing else.
 */
export const limitsOf = ({ CLIENT_TIMEOUT }: BaseConfig): ServerOptions => {
  const head = CLIENT_TIMEOUT === 0 ? HEAD_MS : Math.min(HEAD_MS, CLIENT_TIMEOUT);
  return {
    routerOptions: { maxParamLength: LONGEST_NAME },
    requestTimeout: CLIENT_TIMEOUT,
    clientErrorHandler: refuseConnection,
    frameworkErrors: refuseUrl,
    http: {
      requestTimeout: CLIENT_TIMEOUT,
      headersTimeout: head,
      // How often Node looks who is late.
      connectionsCheckingInterval: Math.max(50, Math.min(5000, head / 2)),
    },
  };
};

const problemOf = (code: string | undefined): Problem => {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return problem('too-slow', 408, 'The request was not received within CLIENT_TIMEOUT');
    case 'HPE_HEADER_OVERFLOW':
      return problem('too-large', 431, 'The headers are too large; the limit is 16,384 bytes');
    default:
      return problem('not-http', 400, 'The request is not valid HTTP/1.1, or is ambiguous');
  }
};

/** Answers a path that cannot be read, which Fastify does before anything of NestJS hears of it. */
const refuseUrl = (_: Error, { url }: FastifyRequest, reply: FastifyReply): void => {
  const detail = `The path is not valid percent-encoding of UTF-8, got "${url.slice(0, 100)}"`;
  const told = problem('bad-request', 400, detail);
  void reply.code(told.status).type(PROBLEM_JSON).send(JSON.stringify(told));
};

/** Answers what cannot be read as a request: there is no reply to answer with, and the connection ends. */
const refuseConnection = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) {
    const told = problemOf(error.code);
    const body = JSON.stringify(told);
    socket.write(
      [
        `HTTP/1.1 ${told.status} ${STATUS_CODES[told.status]}`,
        `content-type: ${PROBLEM_JSON}`,
        `content-length: ${Buffer.byteLength(body)}`,
        'connection: close',
        '',
        body,
      ].join('\r\n'),
    );
  }
  socket.destroy(error);
};
