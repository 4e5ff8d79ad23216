import { type AddressInfo, createServer } from 'node:net';

const HOST = '127.0.0.1';

/** A port of the loopback address that nobody listens on right now. Somebody else may take it before you do. */
export const freePort = (): Promise<number> => listenOnce(0);

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
