import { problem, RequestRefused } from '@millrace/host';
import { Turns } from '@millrace/streams';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { from, lastValueFrom, type Observable } from 'rxjs';

/** Answers that are made at once: each is about 4 MiB, and a few times that while it is made. */
const AT_ONCE = 3;
const MOST_WAITING = 100;

/** What gives stored texts is done a few at a time, by all who ask: the others wait, and beyond a hundred get a 503. */
@Injectable()
export class InTurn implements NestInterceptor {
  private readonly turns = new Turns(AT_ONCE, MOST_WAITING);

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (this.turns.isFull) {
      throw new RequestRefused(problem('unavailable', 503, 'Too many ask for stored events at once: try again'));
    }
    return from(this.turns.take(() => lastValueFrom(next.handle(), { defaultValue: undefined })));
  }
}
