import { haveRealRedis } from '@millrace/testkit';
import { attack } from './hostile.js';
import { type Figure, measure } from './measure.js';
import { HELP, type Options, parseOptions } from './options.js';
import { COSTLY } from './requests.js';
import { Stack } from './stack.js';
import { store } from './stored.js';
import { tableOf } from './table.js';

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

const optionsOf = (args: readonly string[]): Options => {
  try {
    return parseOptions(args);
  } catch (error) {
    return fail(`${(error as Error).message} (npm run cost -- --help)`);
  }
};

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const main = async (): Promise<number> => {
  const { minutes, seed, heap, help } = optionsOf(process.argv.slice(2));
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (process.platform !== 'linux') fail('npm run cost needs Linux, for /proc');
  if (!haveRealRedis()) fail('npm run cost needs a redis-server or valkey-server on the PATH');
  const stack = await Stack.start(heap);
  const alive = setInterval(() => undefined, 60_000);
  try {
    await store(stack.transport);
    const figures: Figure[] = [];
    for (const [n, costly] of COSTLY.entries()) {
      if (stack.deaths.length > 0) break;
      const began = performance.now();
      figures.push(...(await measure(stack, costly, seed + n)));
      process.stderr.write(`${((performance.now() - began) / 1000).toFixed(1).padStart(7)} s  ${costly.name}\n`);
    }
    say(tableOf(figures));
    if (minutes > 0 && stack.deaths.length === 0) {
      say(`\na hostile client for ${minutes} minutes, seed ${seed}`);
      const { requests, connections, answers, longest } = await attack(stack, seed, minutes * 60_000);
      const each = [...answers].sort().map(([status, count]) => `${count} x ${status === 0 ? 'none' : status}`);
      say(`${connections} connections with pipelined, broken, slow or unread requests`);
      say(`${requests} requests: ${each.join(', ')}; the longest answer ${longest.bytes} bytes (${longest.name})`);
    }
    for (const death of stack.deaths) say(`ended: ${death}`);
    return stack.deaths.length === 0 ? 0 : 1;
  } finally {
    clearInterval(alive);
    await stack.stop();
  }
};

process.exit(await main().catch((error: Error) => fail(error.stack ?? error.message)));
