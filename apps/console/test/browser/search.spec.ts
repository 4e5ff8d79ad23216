import { describeInBrowser, itOnRealRedis, type RedisServer, startRedis } from '@millrace/testkit';
import type { Browser } from 'playwright-core';
import { RunningConsole } from '../running-console.js';
import { order } from '../stand-in-sink.js';
import { launch, openPage } from './browser.js';

const MANY = 12_000;

describeInBrowser('a search on the page', () => {
  let redis: RedisServer;
  let browser: Browser;
  let running: RunningConsole;

  beforeAll(async () => {
    redis = await startRedis();
    browser = await launch();
    running = await RunningConsole.start(redis.url, { LIVE_INTERVAL_MS: 200 });
    const { transport } = running;
    await transport.registry.registerTopics(['orders']);
    await transport.registry.registerGroup({ group: 'sink-a', hop: 'sink-a', streams: ['topic:orders'] });
    for (const name of ['in', 'topic:orders']) {
      await transport.producer.append({ name, partition: 0 }, [order('wanted', { text: 'needle' })]);
      for (let from = 0; from < MANY; from += 500) {
        const events = Array.from({ length: 500 }, (_, n) => order(`e${from + n}`));
        await transport.producer.append({ name, partition: 0 }, events);
      }
    }
    const client = transport.connections.connect('test');
    const key = transport.keys.stream({ name: 'dead:sink-a', partition: 0 });
    const deadLetter = (id: string, message: string) =>
      client.xadd(
        key,
        '*',
        'type',
        'order',
        'event',
        order(id).json,
        'group',
        'sink-a',
        'error',
        'E',
        'message',
        message,
      );
    await deadLetter('wanted', 'needle');
    for (let n = 0; n < 2500; n += 1) void deadLetter(`e${n}`, 'no');
    await deadLetter('last', 'no');
  });
  afterAll(async () => {
    await browser?.close();
    await running?.close();
    await redis?.stop();
  });

  it('goes on by itself to what is far back: in a topic, in dead letters, and for the way of an event', async () => {
    const { page, close } = await openPage(browser);
    await page.goto(`${running.url}/#/topics/orders?text=needle`);
    await page.waitForSelector('[role=option]:has-text("wanted")');
    await page.goto(`${running.url}/#/dead-letters?text=needle`);
    await page.waitForSelector('[role=option]:has-text("needle")');
    await page.goto(`${running.url}/#/trace?source=/s&id=wanted`);
    await page.waitForSelector('.way');
    await page.goto(`${running.url}/#/trace?source=/s&id=never`);
    await page.waitForSelector('text=Event not found.');
    await page.waitForSelector('text=which is all that is retained');
    await close();
  });

  it('says how far it is, is stopped, and goes on', async () => {
    const { page, close } = await openPage(browser);
    let held: (() => void) | undefined;
    await page.route(/events\?.*cursor=/, async (route) => {
      await new Promise<void>((resolve) => {
        held = resolve;
      });
      await route.continue().catch(() => undefined);
    });
    await page.goto(`${running.url}/#/topics/orders?text=needle`);
    await page.waitForSelector('text=5,000 of 12,001 events searched, up to');
    await page.click('button:text-is("Stop")');
    await page.waitForSelector('text=Search stopped.');
    held?.();
    await page.unroute(/events\?.*cursor=/);
    await page.click('button:text-is("Load more")');
    await page.waitForSelector('[role=option]:has-text("wanted")');
    await close();
  });

  itOnRealRedis('shows the size of a topic, right within a tenth', async () => {
    const { transport } = running;
    const events = Array.from({ length: 40 }, (_, n) => order(`s${n}`, 'x'.repeat(n % 8 === 0 ? 20_000 : 50)));
    await transport.registry.registerTopics(['sizes']);
    await transport.producer.append({ name: 'topic:sizes', partition: 0 }, events);
    const key = transport.keys.stream({ name: 'topic:sizes', partition: 0 });
    const exact = (await transport.connections.connect('test').memory('USAGE', key, 'SAMPLES', 0)) as number;
    const { page, close } = await openPage(browser);
    await page.goto(`${running.url}/#/topics/sizes`);
    const shown = await page.locator('dt:text-is("Bytes") + dd').textContent();
    const [, number] = /^([\d.]+) KB$/.exec(shown ?? '') ?? [];
    expect(Math.abs(Number(number) * 1024 - exact)).toBeLessThanOrEqual(exact / 10);
    await close();
  });

  it('marks counts that are not exact', async () => {
    const { page, close } = await openPage(browser);
    await page.goto(`${running.url}/#/dead-letters`);
    await page.waitForSelector('td:has-text("at least 1,000")');
    await close();
  });
});
