import { isTooDeep, MAX_DEPTH, mayBeInexact, parseJson, writeJson } from '@millrace/json';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

type Parsed = (error: Error | null, body?: unknown) => void;

/**
 * Bodies and answers of JSON keep numbers that a double does not hold: handlers get an `ExactNumber`, and may answer one.
 * A body of more than 512 levels is a 400, and is not parsed. For an app that was made with `bodyParser: false`; to be called before it listens.
 */
export const useExactJson = (app: NestFastifyApplication): void => {
  const fastify = app.getHttpAdapter().getInstance();
  // It also refuses what would set a prototype.
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeContentTypeParser('application/json');
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done: Parsed) => {
    const text = body as string;
    if (isTooDeep(text)) return done(malformed(new SyntaxError(`The body is nested deeper than ${MAX_DEPTH} levels`)));
    parse(request, text, (error, value) => {
      if (error !== null || !mayBeInexact(text)) return done(error, value);
      try {
        done(null, parseJson(text));
      } catch (cause) {
        done(malformed(cause as Error));
      }
    });
  });
  fastify.setReplySerializer((payload) => writeJson(payload));
};

const malformed = (error: Error): Error => Object.assign(error, { statusCode: 400 });
