import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../logging/logging.js';
import { PROBLEM_JSON, problemOf } from './problem.js';

/** Answers every error of a request with a problem; what is not the request's fault is logged. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const { raw } = http.getRequest<FastifyRequest>();
    // A client that went away in the middle of its request hears nothing, and is nobody's trouble.
    if (raw.destroyed && !raw.complete) return;
    const { problem, headers } = problemOf(error);
    if (problem.status === 500) this.log.error({ err: error }, 'a request failed');
    const reply = http.getResponse<FastifyReply>();
    await reply.code(problem.status).headers(headers).type(PROBLEM_JSON).send(JSON.stringify(problem));
  }
}
