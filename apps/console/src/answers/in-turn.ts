import { Turns } from '@millrace/streams';
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { refusal } from '../contract/problems.js';
import { UntakenAnswers } from './untaken-answers.js';

/** Answers that are made at once: each is about 4 MiB, and a few times that while it is made. */
const AT_ONCE = 3;
const MOST_WAITING = 100;
/** Answers that were made, and that their clients do not take. */
const MOST_UNTAKEN = 8;

/** What is counted for the whole process; of an interceptor each module has its own. */
@Injectable()
export class AnswerTurns {
  readonly turns = new Turns(AT_ONCE, MOST_WAITING);
  readonly untaken = new UntakenAnswers(MOST_UNTAKEN);
}

/** What gives stored texts is done a few at a time, by all who ask: the others wait, and beyond a hundred get a 503. Few answers wait to be taken. */
@Injectable()
export class InTurn implements NestInterceptor {
  constructor(@Inject(AnswerTurns) private readonly shared: AnswerTurns) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { turns, untaken } = this.shared;
    if (turns.isFull) {
      throw refusal('unavailable', 503, 'Too many concurrent requests for stored events: retry');
    }
    const { raw } = context.switchToHttp().getResponse<FastifyReply>();
    const make = async (): Promise<unknown> => {
      // Nobody waits for it any more.
      if (raw.req.socket.destroyed) return undefined;
      const answer: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      untaken.add(raw);
      return answer;
    };
    return from(turns.take(make));
  }
}
