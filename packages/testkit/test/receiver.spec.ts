import { Webhook } from 'standardwebhooks';
import { type Receiver, type ReceiverOptions, startReceiver, waitFor } from '../src/index.js';

const SECRET = `whsec_${Buffer.from('a secret of two dozen b.').toString('base64')}`;

let receiver: Receiver;
const receive = async (options: Partial<ReceiverOptions> = {}) => {
  receiver = await startReceiver({ secret: SECRET, ...options });
};
afterEach(() => receiver.stop());

const send = (id: string, { secret = SECRET, body = '{"n":1}', at = new Date() } = {}) =>
  fetch(new URL('hooks/a', receiver.url), {
    method: 'POST',
    body,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, at, body),
    },
  });

it('counts what verifies, by id, and what does not', async () => {
  await receive();
  expect((await send('a')).status).toBe(204);
  expect((await send('a', { body: 'no JSON' })).status).toBe(204);
  expect((await send('b', { secret: `whsec_${Buffer.from('another').toString('base64')}` })).status).toBe(401);
  expect((await send('c', { at: new Date(Date.now() - 3_600_000) })).status).toBe(401);
  expect((await fetch(receiver.url, { method: 'POST', body: '{}' })).status).toBe(401);
  expect([receiver.received, receiver.verified, receiver.invalid]).toEqual([5, 2, 3]);
  expect([...receiver.ids]).toEqual([['a', 2]]);
  expect(receiver.recent[1]).toMatchObject({ path: '/hooks/a', body: 'no JSON', id: 'a', verified: true });
});

it('answers what it is told to', async () => {
  await receive({ respond: ({ id }) => ({ status: id === 'busy' ? 503 : 200, headers: { 'retry-after': '7' } }) });
  const busy = await send('busy');
  expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '7']);
  expect((await send('fine')).status).toBe(200);
});

it('answers late, and stops all the same', async () => {
  await receive({ respond: () => ({ status: 200, delayMs: 60_000 }) });
  const answer = send('late').catch((error: Error) => error.message);
  await waitFor(() => receiver.received === 1, { what: 'the request' });
  await receiver.stop();
  expect(await answer).toBe('fetch failed');
});

it('refuses a body over its limit and a port that is taken', async () => {
  await receive();
  const answer = await send('big', { body: 'x'.repeat(5_000_000) });
  expect(answer.status).toBe(413);
  await expect(startReceiver({ secret: SECRET, port: receiver.port })).rejects.toThrow(`${receiver.port} is taken`);
});
