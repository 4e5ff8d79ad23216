import { freePort, waitFor } from '../src/index.js';

it('asks until there is an answer', async () => {
  let asked = 0;
  const condition = () => {
    asked += 1;
    if (asked === 1) throw new Error('not yet');
    return asked === 3 && 'answer';
  };
  expect(await waitFor(condition, { what: 'the third time' })).toBe('answer');
});

it('says what it waited for, and the last error', async () => {
  const failing = () => Promise.reject(new Error('down'));
  await expect(waitFor(failing, { what: 'the server', timeoutMs: 10_000, everyMs: 500 })).rejects.toMatchObject({
    message: 'waited 10000 ms in vain for the server',
    cause: { message: 'down' },
  });
});

it('asks for at least ten seconds', async () => {
  await expect(waitFor(() => true, { what: 'nothing', timeoutMs: 9999 })).rejects.toThrow(
    'timeoutMs must be at least 10000, got 9999',
  );
});

it('gives ports', async () => {
  expect(await freePort()).toBeGreaterThan(1023);
});
