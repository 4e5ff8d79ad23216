import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { RequestRefused } from '@millrace/host';
import { waitFor } from '@millrace/testkit';
import type { CallHandler, ExecutionContext } from '@nestjs/common';
import { lastValueFrom, Subject } from 'rxjs';
import { AnswerTurns, InTurn } from '../../src/answers/in-turn.js';

const response = new ServerResponse(new IncomingMessage(new Socket()));
const context = {
  switchToHttp: () => ({ getResponse: () => ({ raw: response }) }),
} as unknown as ExecutionContext;

// Nest makes one of an interceptor for each module that uses it.
it('answers are made a few at a time, by all modules together', async () => {
  const shared = new AnswerTurns();
  const [one, other] = [new InTurn(shared), new InTurn(shared)];
  const begun: Subject<string>[] = [];
  const handler: CallHandler = {
    handle: () => {
      const answer = new Subject<string>();
      begun.push(answer);
      return answer;
    },
  };
  const answers = [one, other, one, other, one].map((turn) => lastValueFrom(turn.intercept(context, handler)));
  await waitFor(() => begun.length === 3, { what: 'three that are made' });
  begun[0]?.next('made');
  begun[0]?.complete();
  expect(await answers[0]).toBe('made');
  await waitFor(() => begun.length === 4, { what: 'the turn of the fourth' });
  for (let i = 1; i < 5; i += 1) {
    await waitFor(() => begun.length > i, { what: 'the turn of the next' });
    expect(begun.length).toBeLessThanOrEqual(i + 3);
    begun[i]?.next('made');
    begun[i]?.complete();
    await answers[i];
  }
});

it('beyond a hundred that wait, whoever asks is told to try again', () => {
  const shared = new AnswerTurns();
  const never: CallHandler = { handle: () => new Subject() };
  for (let i = 0; i < 103; i += 1) new InTurn(shared).intercept(context, never);
  expect(() => new InTurn(shared).intercept(context, never)).toThrow(RequestRefused);
});
