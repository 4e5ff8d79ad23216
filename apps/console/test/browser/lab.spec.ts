import { describeInBrowser, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import type { Browser } from 'playwright-core';
import { RunningConsole } from '../running-console.js';
import { launch, openPage } from './browser.js';

const TOPIC = { name: 'topic:orders', partition: 0 };
const event = (n: number) => ({
  type: 'order.paid',
  json: JSON.stringify({ specversion: '1.0', id: `e${n}`, source: '/s', type: 'order.paid', data: { n } }),
});

describeInBrowser('the lab on the page', () => {
  let redis: RedisServer;
  let browser: Browser;
  let running: RunningConsole;

  beforeAll(async () => {
    redis = await startRedis();
    browser = await launch();
    running = await RunningConsole.start(redis.url, { LIVE_INTERVAL_MS: 200 });
    await running.transport.registry.registerTopics(['orders']);
    await running.transport.producer.append(
      TOPIC,
      Array.from({ length: 30 }, (_, n) => event(n)),
    );
  });
  afterAll(async () => {
    await browser?.close();
    await running?.close();
    await redis?.stop();
  });

  // Trim was one click away from the events of every sink, and what Produce made went to all of them.
  it('leaves the topic as it was, whatever is clicked', async () => {
    const { page, close } = await openPage(browser);
    const before = await running.transport.streams.inspect([TOPIC]);
    const length = async (): Promise<number> => (await running.ask('GET', '/api/lab/orders')).body.length;
    await page.goto(`${running.url}/#/lab/orders`);
    await page.click('form[aria-label="Produce"] button');
    await waitFor(async () => (await length()) === 80, { what: 'the copies and what was produced' });
    await page.click('form[aria-label="Add a consumer"] button');
    await page.click('form[aria-label="Add a consumer"] button');
    await waitFor(async () => (await running.ask('GET', '/api/lab/orders')).body.lag === 0, {
      what: 'the copies to be handled',
    });
    await page.fill('form[aria-label="Trim"] input', '1');
    await waitFor(
      async () => {
        await page.click('form[aria-label="Trim"] button');
        return (await length()) === 1;
      },
      { what: 'the copy to be trimmed', everyMs: 200 },
    );
    await page.click('text=End the lab');
    await waitFor(async () => (await length()) === 0, { what: 'the end of the lab' });
    expect(await running.transport.streams.inspect([TOPIC])).toEqual(before);
    await close();
  });
});
