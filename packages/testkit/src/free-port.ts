import { type AddressInfo, createServer } from 'node:net';

const HOST = '127.0.0.1';

/** Below what systems give to connections that go out, and apart for each worker of Jest. */
const FIRST = 20_000;
const EACH = 1000;
const WORKERS = 12;
let next = Math.floor(Math.random() * EACH);

/** A port of the loopback address that nobody listens on right now. Another client may take it before you do. */
export const freePort = async (): Promise<number> => {
  const worker = Number(process.env['JEST_WORKER_ID'] ?? process.pid) % WORKERS;
  for (let tried = 0; tried < EACH; tried += 1) {
    const port = FIRST + worker * EACH + (next++ % EACH);
    if (await isFree(port)) return port;
  }
  return listenOnce(0);
};

const isFree = (port: number): Promise<boolean> =>
  listenOnce(port).then(
    () => true,
    () => false,
  );

/** Rejects with one line that names the port if somebody listens on it. */
export const assertPortFree = async (port: number): Promise<void> => {
  await listenOnce(port);
};

const listenOnce = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE'
          ? new Error(`port ${port} is taken by another process: free it or choose another`, { cause })
          : cause,
      ),
    );
    server.listen({ port, host: HOST }, () => {
      const taken = (server.address() as AddressInfo).port;
      server.close(() => resolve(taken));
    });
  });
