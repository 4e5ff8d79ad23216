import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { waitFor } from '@millrace/testkit';
import { UntakenAnswers } from '../../src/answers/untaken-answers.js';

/** More than the two kernels take. */
const LENGTH = 24 * 1024 * 1024;
const MOST = 2;

let server: Server;
let untaken: UntakenAnswers;
const answers: ServerResponse[] = [];
const sockets: Socket[] = [];

beforeEach(async () => {
  untaken = new UntakenAnswers(MOST);
  server = createServer((_, response) => {
    answers.push(response);
    untaken.add(response);
    response.end(Buffer.alloc(LENGTH));
  });
  await new Promise<void>((heard) => server.listen(0, '127.0.0.1', heard));
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  answers.length = 0;
  await new Promise((closed) => server.close(closed));
});

const port = () => (server.address() as AddressInfo).port;

/** Asks so often, and reads nothing. */
const ask = async (times: number): Promise<void> => {
  const before = answers.length;
  const socket = connect(port(), '127.0.0.1')
    .on('error', () => undefined)
    .pause();
  sockets.push(socket);
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(times));
  await waitFor(() => answers.length === before + times, { what: 'the requests' });
};

const open = () => answers.map(({ req }) => !req.socket.destroyed);

it('of answers that nobody takes the oldest go, and who reads gets theirs', async () => {
  for (let n = 0; n < 4; n += 1) await ask(1);
  expect(open()).toEqual([false, false, true, true]);
  const read = await fetch(`http://127.0.0.1:${port()}/`);
  expect((await read.arrayBuffer()).byteLength).toBe(LENGTH);
  expect(open().slice(0, 4)).toEqual([false, false, false, true]);
});

it('a connection that asks for many before it reads is ended', async () => {
  await ask(1);
  await ask(MOST);
  await ask(MOST);
  expect(open()).toEqual([false, false, false, true, true]);
});
