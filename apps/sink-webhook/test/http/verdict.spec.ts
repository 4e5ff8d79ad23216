import { PermanentError, TransientError } from '@millrace/streams';
import { verdictOn } from '../../src/http/verdict.js';

const on = (statusCode: number, retryAfter?: string) =>
  verdictOn({ statusCode, headers: { 'retry-after': retryAfter } }, 'POST http://there/', 0);

describe('verdictOn', () => {
  it.each([[200], [202], [204], [299]])('takes %d as success', (status) => {
    expect(on(status)).toBeUndefined();
  });

  it('takes 410 as never', () => {
    expect(on(410)).toBeInstanceOf(PermanentError);
  });

  it.each([[301], [304], [400], [401], [404], [408], [425], [429], [500], [502], [503], [504]])(
    'takes %d as not now, and names it',
    (status) => {
      expect(on(status)).toBeInstanceOf(TransientError);
      expect(on(status)?.message).toContain(`POST http://there/ responded ${status}`);
    },
  );

  it.each([[429], [503]])('honours Retry-After of %d', (status) => {
    expect(on(status, '90')).toMatchObject({ retryAfterMs: 90_000 });
    expect(on(status)).toMatchObject({ retryAfterMs: undefined });
  });

  it('asks no other answer when to come back', () => {
    expect(on(500, '90')).toMatchObject({ retryAfterMs: undefined });
  });
});
