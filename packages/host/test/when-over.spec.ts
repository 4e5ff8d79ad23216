import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { waitFor } from '@millrace/testkit';
import { whenOver } from '../src/index.js';

let server: Server;
const begun: string[] = [];
const over: string[] = [];

beforeEach(async () => {
  begun.length = 0;
  over.length = 0;
  server = createServer((request, response) => {
    const name = request.url as string;
    begun.push(name);
    whenOver(response, () => over.push(name));
    if (name !== '/waits') response.end();
  });
  await new Promise<void>((heard) => server.listen(0, '127.0.0.1', heard));
});
afterEach(() => new Promise((closed) => server.close(closed)));

const requests = (...paths: string[]) => paths.map((path) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`).join('');

it.each([
  ['one that was answered', ['/a']],
  ['one that was not answered', ['/waits']],
  ['those that waited for one that was not', ['/waits', '/a', '/b', '/waits']],
  ['all of a connection', ['/a', '/b', '/waits', '/a']],
])('an answer is over when its client is gone: %s', async (_, paths) => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(requests(...paths));
  await waitFor(() => begun.length === paths.length, { what: 'the requests' });
  socket.destroy();
  await waitFor(() => over.length === paths.length, { what: 'all of them to be over' });
  expect([...over].sort()).toEqual([...paths].sort());
});
