import { writeFile } from 'node:fs/promises';
import { discrepancies } from './account/account.js';
import { printAccount } from './account/print-account.js';
import { runFeed } from './feed/feed.js';
import { HELP, type Options, parseOptions } from './options.js';
import { print, printAs, style } from './print.js';
import { apiKey } from './stack/api-key.js';
import { choosePorts } from './stack/services.js';
import { Stack } from './stack/stack.js';

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

const optionsOf = (args: readonly string[]): Options => {
  try {
    return parseOptions(args);
  } catch (error) {
    return fail(`${(error as Error).message} (npm start -- --help)`);
  }
};

/** Feeds the stack and prints the table. Gives whether everything adds up. */
const feed = async (stack: Stack, json: string | undefined, signal: AbortSignal): Promise<boolean> => {
  const account = await runFeed({
    gatewayUrl: stack.url('gateway'),
    apiKey: apiKey(),
    redisUrl: stack.redis.url,
    databaseUrl: stack.postgres.url,
    receiverUrl: stack.receiver.url,
    signal,
  });
  const problems = discrepancies(account);
  if (json !== undefined) {
    await writeFile(json, `${JSON.stringify({ ...account, addsUp: problems.length === 0, problems }, null, 2)}\n`);
    printAs('feed', `the table as JSON is in ${json}`);
  }
  return printAccount(account);
};

const sayWhereToLook = (stack: Stack): void => {
  const gateway = stack.url('gateway');
  print(`${style('bold', '  Look')}    ${stack.url('console')}         topics, sinks and dead letters, live`);
  print(`          ${gateway}/docs    the gateway's API`);
  print(`          redis-cli -u ${stack.redis.url} XREVRANGE 'mr:{p0}:topic:github' + - COUNT 1`);
  print(`          psql '${stack.postgres.url}' -c 'SELECT topic, count(*) FROM millrace_events GROUP BY 1'`);
  print(`${style('bold', '  Send')}    curl ${gateway}/v1/events -H 'content-type: application/json' \\`);
  print(`            -d '{"type":"github.push","data":{"ref":"refs/heads/main"}}'`);
  print(`${style('bold', '  Stop')}    Ctrl-C`);
  print();
};

const main = async (): Promise<void> => {
  const options = optionsOf(process.argv.slice(2));
  if (options.help) return print(HELP);
  const stopping = new AbortController();
  const asked = new Promise<number>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(0));
  });
  // Nothing of the stack keeps this process alive.
  const alive = setInterval(() => undefined, 60_000);
  const ports = await choosePorts(options.freePorts).catch((error: Error) => fail(error.message));
  const stack = await Stack.start(ports).catch((error: Error) => fail(error.message));
  const broken = stack.broken().then((obituary) => {
    printAs('millrace', obituary, 'error');
    return 1;
  });
  const work = async (): Promise<number> => {
    const addsUp = options.feed ? await feed(stack, options.json, stopping.signal) : true;
    if (options.exit) return addsUp ? 0 : 1;
    sayWhereToLook(stack);
    return Promise.race([asked, broken]);
  };
  const code = await Promise.race([asked, broken, work()]).catch((error: Error) => {
    printAs('millrace', error.stack ?? error.message, 'error');
    return 1;
  });
  stopping.abort();
  printAs('millrace', 'stopping');
  await stack.stop();
  clearInterval(alive);
  process.exit(code);
};

await main();
