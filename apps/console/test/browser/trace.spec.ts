import { describeInBrowser, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import type { Browser } from 'playwright-core';
import { RunningConsole } from '../running-console.js';
import { order, StandInSink } from '../stand-in-sink.js';
import { launch, openPage } from './browser.js';

describeInBrowser('the way of an event that no route matched, on the page', () => {
  let redis: RedisServer;
  let browser: Browser;
  let running: RunningConsole;
  let router: StandInSink;

  beforeAll(async () => {
    redis = await startRedis();
    browser = await launch();
    running = await RunningConsole.start(redis.url, { LIVE_INTERVAL_MS: 200 });
    router = await new StandInSink(running.transport, 'router').start(['in']);
    await running.transport.producer.append({ name: 'topic:unrouted', partition: 0 }, [order('lost')]);
  });
  afterAll(async () => {
    await router?.stop();
    await browser?.close();
    await running?.close();
    await redis?.stop();
  });

  const replays = async (): Promise<unknown[]> => (await running.ask('GET', '/api/replays')).body.replays;
  const advice = 'No route matched it.';

  it('is routed again after it was asked, once, and no second time is advised before other routes are live', async () => {
    const { page, close } = await openPage(browser);
    const look = async () => {
      await page.goto(`${running.url}/#/trace?source=/s&id=lost`);
      await page.reload();
      await page.waitForSelector('.way');
    };
    await running.ask('POST', '/api/sinks/router/pause');
    await look();
    await page.waitForSelector(`text=${advice}`);
    await page.click('button:text-is("Route again…")');
    await page.waitForSelector('dialog:has-text("1 event of unrouted will be sent to router again")');
    await page.waitForSelector('dialog:has-text("router: paused: what is sent is queued until it is resumed")');
    await page.click('dialog button:text-is("Close")');
    expect(await replays()).toEqual([]);
    await running.ask('POST', '/api/sinks/router/resume');
    await page.click('button:text-is("Route again…")');
    await page.click('dialog button:text-is("Route it"):not([aria-disabled])');
    // The page looks again every few seconds: where it was routed by then, it says so instead.
    await page.waitForSelector(':text("Sent to the router"), :text("Routed again")');
    await waitFor(() => router.seen.length === 1, { what: 'the router to have it again' });
    await waitFor(
      async () => {
        await look();
        return page.locator('text=the replay is done').isVisible();
      },
      { what: 'the page to say that it was routed again', everyMs: 500 },
    );
    expect(await page.locator('text=Routed again').count()).toBe(1);
    expect(await page.locator('button:has-text("Route again")').count()).toBe(0);
    expect(await page.locator(`text=${advice}`).count()).toBe(0);
    expect(await replays()).toHaveLength(1);
    await running.ask('PUT', '/api/routes/found', { pattern: { type: ['order'] }, topics: ['orders'] });
    await look();
    await page.waitForSelector('button:text-is("Route again…")');
    await close();
  });
});
