import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromiumArgs, chromiumPath } from '@millrace/testkit';
import { type Browser, chromium } from 'playwright-core';
import { runFeed } from '../feed/feed.js';
import { printAs } from '../print.js';
import { choosePorts } from '../stack/services.js';
import { Stack } from '../stack/stack.js';
import { makeSample } from './sample.js';
import { type Shot, shotsOf } from './shots.js';

const FOLDER = fileURLToPath(new URL('../../../../docs/console/', import.meta.url));
/** So that what fails is given up while one waits. */
const QUICKLY = { RETRY_SCHEDULE: '1', MAX_ATTEMPTS: '2' };

const take = async (browser: Browser, url: string, shot: Shot): Promise<void> => {
  const { name, place, width = 1280, height = 800, scheme = 'light', until, click } = shot;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
  const page = await context.newPage();
  await page.goto(`${url}/#/${place}`);
  await page.waitForSelector(until, { timeout: 20_000 });
  if (click !== undefined) await page.click(click);
  await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => undefined); // The live view never ends.
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
  await context.close();
  printAs('screenshots', `${name}.png`);
};

const main = async (): Promise<void> => {
  const program = chromiumPath();
  if (program === undefined)
    throw new Error('there is no chromium on the PATH: install one, or say where in CHROMIUM_PATH');
  Object.assign(process.env, QUICKLY);
  await mkdir(FOLDER, { recursive: true });
  const stack = await Stack.start(await choosePorts(true));
  try {
    await runFeed({
      gatewayUrl: stack.url('gateway'),
      apiKey: undefined,
      redisUrl: stack.redis.url,
      databaseUrl: stack.postgres.url,
      receiverUrl: stack.receiver.url,
      signal: new AbortController().signal,
    });
    const sample = await makeSample(stack);
    const browser = await chromium.launch({ executablePath: program, args: chromiumArgs() });
    for (const shot of shotsOf(sample)) await take(browser, stack.url('console'), shot);
    await browser.close();
    await sample.stop();
  } finally {
    await stack.stop();
  }
};

await main();
