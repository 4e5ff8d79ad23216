import { printAccount } from './account/print-account.js';
import { runFeed } from './feed/feed.js';
import { print } from './print.js';

const HELP = `npm run feed

Feeds a pipeline that runs already, as docker compose starts it, and tells where every event went.

  GATEWAY_URL    http://127.0.0.1:8080
  REDIS_URL      redis://127.0.0.1:6379
  DATABASE_URL   postgres://postgres:millrace@127.0.0.1:5432/millrace
  RECEIVER_URL   http://127.0.0.1:8099/
  API_KEYS       none; the first one is sent
`;

const { env } = process;

if (process.argv.length > 2) {
  print(HELP);
  process.exit(process.argv[2] === '--help' ? 0 : 1);
}

const stopping = new AbortController();
process.once('SIGINT', () => stopping.abort());
try {
  const account = await runFeed({
    gatewayUrl: env.GATEWAY_URL || 'http://127.0.0.1:8080',
    redisUrl: env.REDIS_URL || 'redis://127.0.0.1:6379',
    databaseUrl: env.DATABASE_URL || 'postgres://postgres:millrace@127.0.0.1:5432/millrace',
    receiverUrl: env.RECEIVER_URL || 'http://127.0.0.1:8099/',
    apiKey: env.API_KEYS?.split(',')[0]?.trim(),
    signal: stopping.signal,
  });
  process.exitCode = printAccount(account) ? 0 : 1;
} catch (error) {
  const { message, cause } = error as Error;
  const reason = (cause as Error | undefined)?.message;
  process.stderr.write(`the feed failed: ${message}${reason ? `: ${reason}` : ''}\n`);
  process.exitCode = 1;
}
