import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { RedisProgram } from './process-server.js';

/** js-redis-server, run by this Node: in memory, for trying out. */
export const jsRedis = (): RedisProgram => ({
  kind: 'js-redis-server',
  persistent: false,
  command: (port, dataDir) => ({
    name: 'js-redis-server',
    program: process.execPath,
    args: ['--no-warnings', '--import', PREPARED, cli(), '--port', String(port)],
    cwd: dataDir,
    env: withoutNodeOptions(),
    // It has nothing to save, and on SIGTERM it waits for its clients to leave.
    stopSignal: 'SIGKILL',
    guardSignal: 'KILL',
  }),
});

// It listens on every address of the machine and has no option against it.
// It copies a key's whole value, buffer by buffer, at every read and write: with 3,000 entries in a stream an XADD takes
// 3 ms. Only its bit commands write into a buffer in place, so one buffer may do for all copies: five times as fast.
const PREPARED = `data:text/javascript,${encodeURIComponent(`
import { Server } from 'node:net';
const { listen } = Server.prototype;
Server.prototype.listen = function (port) { return listen.call(this, { port, host: '127.0.0.1' }); };
const { from } = Buffer;
Buffer.from = (value, ...rest) => (rest.length === 0 && Buffer.isBuffer(value) ? value : from.call(Buffer, value, ...rest));
`)}`;

// Its `exports` hide dist/cli.js; the file stands beside its main one.
const cli = (): string => join(dirname(createRequire(import.meta.url).resolve('js-redis-server')), 'cli.js');

// Inspectors and loaders of our own process are not for it.
const withoutNodeOptions = (): NodeJS.ProcessEnv => {
  const { NODE_OPTIONS: _ours, ...env } = process.env;
  return env;
};
