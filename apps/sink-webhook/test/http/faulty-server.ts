import { type AddressInfo, createServer, type Socket } from 'node:net';

/** How a server answers one request: it has the connection, and may do with it as it likes. */
export type Behaviour = (socket: Socket) => void;

const head = (status: string, ...headers: string[]): string =>
  `HTTP/1.1 ${status}\r\n${headers.map((one) => `${one}\r\n`).join('')}\r\n`;
const say =
  (text: string): Behaviour =>
  (socket) =>
    void socket.write(text);
const sayAndEnd =
  (text: string): Behaviour =>
  (socket) =>
    void socket.end(text);
const sayAndReset =
  (text: string): Behaviour =>
  (socket) => {
    socket.write(text, () => socket.resetAndDestroy());
  };
const drip =
  (first: string, again: string): Behaviour =>
  (socket) => {
    socket.write(first);
    const timer = setInterval(() => socket.write(again), 20);
    socket.on('close', () => clearInterval(timer));
  };
const EMPTY = 'content-length: 0';

/** Answers that accept the event, however odd they are. */
export const GOOD: Readonly<Record<string, Behaviour>> = {
  '204': say(head('204 No Content')),
  '200 with a body': say(`${head('200 OK', 'content-length: 2')}ok`),
  '299': say(head('299 Whatever', EMPTY)),
  'chunked, with trailers': say(
    `${head('200 OK', 'transfer-encoding: chunked', 'trailer: x')}2\r\nok\r\n0\r\nx: y\r\n\r\n`,
  ),
  'an unasked 100 first': say(head('100 Continue') + head('200 OK', EMPTY)),
  'a 102 and a 103 first': say(head('102 Processing') + head('103 Early Hints', 'link: </a>') + head('200 OK', EMPTY)),
  'connection: close': sayAndEnd(head('200 OK', EMPTY, 'connection: close')),
  'HTTP/1.0, to the end of the connection': sayAndEnd('HTTP/1.0 200 OK\r\n\r\nok'),
  'a body that is shorter than it says': sayAndEnd(`${head('200 OK', 'content-length: 100')}ok`),
  'a body that is cut off': sayAndReset(`${head('200 OK', 'transfer-encoding: chunked')}2\r\nok\r\n`),
  'a body that is no chunk': say(`${head('200 OK', 'transfer-encoding: chunked')}no chunk\r\n`),
  'a body that never ends': drip(head('200 OK', 'transfer-encoding: chunked'), '2\r\nok\r\n'),
  'a huge body': say(`${head('200 OK', 'content-length: 300000')}${'x'.repeat(300_000)}`),
};

const retryAfter = (value: string): Behaviour => say(head('429 Too Many Requests', `retry-after: ${value}`, EMPTY));

/** Answers that do not. */
export const BAD: Readonly<Record<string, Behaviour>> = {
  '300': say(head('300 Choices', EMPTY)),
  '301': say(head('301 Moved', 'location: /elsewhere', EMPTY)),
  '304': say(head('304 Not Modified')),
  '307 to itself': say(head('307 Temporary', 'location: /', EMPTY)),
  '400': say(head('400 Bad Request', EMPTY)),
  '401': say(head('401 Unauthorized', 'www-authenticate: Basic', EMPTY)),
  '404': say(head('404 Not Found', EMPTY)),
  '500': say(`${head('500 Error', 'content-length: 2')}no`),
  '500, body cut off': sayAndReset(`${head('500 Error', 'content-length: 99')}no`),
  '503, body never ends': drip(head('503 Away', 'transfer-encoding: chunked'), '2\r\nno\r\n'),
  '999': say(head('999 Beyond', EMPTY)),
  '429, retry-after 0': retryAfter('0'),
  '429, retry-after -1': retryAfter('-1'),
  '429, retry-after soon': retryAfter('soon'),
  '429, retry-after in the past': retryAfter('Wed, 21 Oct 2015 07:28:00 GMT'),
  '429, retry-after empty': retryAfter(''),
  '429, retry-after twice': say(head('429 x', 'retry-after: 0', 'retry-after: 1', EMPTY)),
  'an unasked upgrade': say(head('101 Switching', 'connection: upgrade', 'upgrade: websocket')),
  'a 100 and then nothing': say(head('100 Continue')),
  'interim answers for ever': drip('', head('102 Processing')),
  'a 100 and then the end': sayAndEnd(head('100 Continue')),
  'a head that never ends': drip('HTTP/1.1 200 OK\r\n', 'a: b\r\n'),
  'a huge header': say(head('200 OK', `x: ${'x'.repeat(100_000)}`, EMPTY)),
  'a content-length that is none': say(head('200 OK', 'content-length: many')),
  'two lengths': say(`${head('200 OK', 'content-length: 1', 'content-length: 2')}xx`),
  'no HTTP': say('SSH-2.0-OpenSSH_9.6\r\n'),
  'HTTP/0.9': sayAndEnd('<html>ok</html>'),
  'half a status line': sayAndEnd('HTTP/1.1 2'),
  'zero bytes': sayAndEnd(''),
  'a reset': (socket) => void socket.resetAndDestroy(),
  'a reset within the head': sayAndReset('HTTP/1.1 200 OK\r\nx: '),
  nothing: () => undefined,
};

/** Counts what it accepted, by webhook-id. */
export interface FaultyServer {
  readonly port: number;
  readonly accepted: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

/** A server that answers each request by the next of its behaviours, over and over. */
export const startFaulty = async (...behaviours: readonly Behaviour[]): Promise<FaultyServer> => {
  const sockets = new Set<Socket>();
  const accepted = new Map<string, number>();
  const good = new Set(Object.values(GOOD));
  let turn = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      const id = /^webhook-id: (.*)$/im.exec(chunk.toString('latin1'))?.[1]?.trim();
      if (id === undefined) return;
      const behaviour = behaviours[turn++ % behaviours.length] as Behaviour;
      if (good.has(behaviour)) accepted.set(id, (accepted.get(id) ?? 0) + 1);
      behaviour(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    accepted,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
};
