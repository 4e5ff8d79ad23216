import { connect, type Socket } from 'node:net';
import type { Random } from '@millrace/testkit';
import { COSTLY, type Costly, type Made } from './requests.js';
import { KEYS, type Stack } from './stack.js';

/** A way to use a connection that no proper client has. */
export type Misuse = (stack: Stack, random: Random) => Promise<void>;

/** How long a client stays that is not answered, or does not look. */
const STAYS_MS = 2000;
const MOST_PIPELINED = 60;

const textOf = ({ key }: Costly, { method = 'GET', path, type, headers = {}, body = '' }: Made): string =>
  [
    `${method} ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(type === undefined ? [] : [`content-type: ${type}`]),
    ...(key === undefined ? [] : [`x-api-key: ${KEYS[key]}`]),
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');

const small = (random: Random): number => random.next() ** 6;

/** Opens a connection to whom a random request goes; resolves when `act` has, and the connection is gone. */
const connected = async (
  stack: Stack,
  random: Random,
  act: (socket: Socket, request: (size: number) => string) => Promise<void>,
): Promise<void> => {
  const costly = random.pick(COSTLY);
  const socket = connect(Number(new URL(stack.urlOf(costly.to)).port), '127.0.0.1');
  // Whatever ends the connection is what was asked for.
  socket.on('error', () => undefined);
  try {
    await act(socket, (size) => textOf(costly, costly.make(size, random)));
  } finally {
    socket.destroy();
  }
};

const within = (socket: Socket, ms: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** Many requests without a look at an answer; the connection is left before they are answered. */
const pipelined: Misuse = (stack, random) =>
  connected(stack, random, async (socket, request) => {
    socket.resume();
    const count = random.between(2, MOST_PIPELINED);
    for (let n = 0; n < count && socket.writable; n += 1) socket.write(request(small(random)));
    await within(socket, random.next() < 0.5 ? 0 : STAYS_MS * random.next());
  });

/** Many requests whose answers nobody takes. */
const unread: Misuse = (stack, random) =>
  connected(stack, random, async (socket, request) => {
    socket.pause();
    const count = random.between(1, 20);
    for (let n = 0; n < count && socket.writable; n += 1) socket.write(request(small(random)));
    await within(socket, STAYS_MS);
  });

/** A request that ends in the middle: in its head or in its body. */
const broken: Misuse = (stack, random) =>
  connected(stack, random, async (socket, request) => {
    socket.resume();
    const text = request(random.next());
    socket.write(text.slice(0, Math.floor(text.length * random.next())));
    await within(socket, STAYS_MS * random.next());
    if (random.next() < 0.5) socket.resetAndDestroy();
  });

/** A request that comes in pieces, with time in between. */
const slow: Misuse = (stack, random) =>
  connected(stack, random, async (socket, request) => {
    socket.resume();
    const text = request(small(random));
    const piece = Math.max(1, Math.ceil(text.length / random.between(2, 20)));
    for (let from = 0; from < text.length && socket.writable; from += piece) {
      socket.write(text.slice(from, from + piece));
      await within(socket, 50);
    }
    await within(socket, STAYS_MS * random.next());
  });

/** None of them rejects. */
export const MISUSES: readonly Misuse[] = [pipelined, unread, broken, slow];
