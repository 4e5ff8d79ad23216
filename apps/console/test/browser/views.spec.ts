import { describeInBrowser, type RedisServer, startRedis } from '@millrace/testkit';
import type { Browser } from 'playwright-core';
import { RunningConsole } from '../running-console.js';
import { axeFindings, type Look, launch, NARROW, openPage, overflow, WIDE } from './browser.js';
import { fill, HOSTILE } from './sample.js';

/** Every view, and what has to be seen before it is judged. */
const PLACES: readonly (readonly [place: string, until: string])[] = [
  ['overview', '.topology .box.topic'],
  ['topics', 'text=unrouted'],
  ['topics/orders', '[role=option]'],
  ['trace?source=/shop&id=0', '.way .deliveries'],
  ['metrics', '.u-wrap'],
  ['dead-letters', '[role=option]'],
  ['replay', 'tbody progress'],
  ['doctor', '.findings li'],
  ['audit', 'tbody tr'],
  ['routes', 'text=draft'],
  ['routes/orders', 'text=matches 6 of the last 6'],
  ['routes?tab=test', '.verdicts .leaves'],
  ['sinks/sink-a', 'text=Pause'],
  ['webhooks/billing', 'text=Resend'],
  ['lab/orders', '.lane .mark'],
];

const EMPTY: readonly (readonly [place: string, says: string])[] = [
  ['overview', 'Send a first event'],
  ['topics', 'Add a route'],
  ['topics/unrouted', 'No events here yet'],
  ['trace', 'Enter the source and the id'],
  ['trace?source=a&id=b', 'Event not found'],
  ['metrics', 'No series is stored'],
  ['dead-letters', 'No failed events'],
  ['replay', 'No replays yet'],
  ['audit', 'No manual changes yet'],
  ['routes', 'No routes: '],
  ['sinks', 'No consumer group is registered'],
  ['webhooks', 'No endpoints yet'],
  ['lab/unrouted', 'No consumer yet'],
];

const LOOKS: readonly Look[] = [
  { width: WIDE, scheme: 'light' },
  { width: WIDE, scheme: 'dark' },
  { width: NARROW, scheme: 'light' },
  { width: NARROW, scheme: 'dark' },
];

describeInBrowser('the views of the console', () => {
  let redis: RedisServer;
  let browser: Browser;
  let filled: RunningConsole;
  let empty: RunningConsole;

  beforeAll(async () => {
    redis = await startRedis();
    browser = await launch();
    filled = await RunningConsole.start(redis.url, { LIVE_INTERVAL_MS: 200 });
    empty = await RunningConsole.start(redis.url, { LIVE_INTERVAL_MS: 200 });
    await fill(filled);
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([filled?.close(), empty?.close()]);
    await redis?.stop();
  });

  // Each in all four looks: the page is loaded once, and goes from one to the next as people do.
  it.each(LOOKS)(
    'fit a window of $width pixels in the $scheme, and axe finds nothing',
    async (look) => {
      const { page, complaints, close } = await openPage(browser, look);
      await page.goto(`${filled.url}/#/${PLACES[0]?.[0]}`);
      const wrong: string[] = [];
      for (const [place, until] of PLACES) {
        await page.evaluate(`location.hash = ${JSON.stringify(`/${place}`)}`);
        await page.waitForSelector(until);
        const pixels = await overflow(page);
        if (pixels > 0) wrong.push(`${place}: ${pixels} pixels too wide`);
        wrong.push(...(await axeFindings(page)).map((finding) => `${place}: ${finding}`));
      }
      expect(wrong).toEqual([]);
      expect(complaints).toEqual([]);
      await close();
    },
    120_000,
  );

  it('show what an event holds as text', async () => {
    const { page, complaints, close } = await openPage(browser);
    await page.goto(`${filled.url}/#/topics/orders?type=order.paid`);
    await page.click('[role=option] >> nth=1');
    await page.click('text=JSON >> nth=-1');
    await page.waitForSelector('pre.code');
    expect(await page.textContent('pre.code')).toContain('<img src=x onerror=');
    await page.goto(`${filled.url}/#/dead-letters`);
    await page.waitForSelector('[role=option]');
    expect(await page.textContent('main')).toContain(`cannot take ${HOSTILE}`);
    expect(await page.title()).not.toContain('taken over');
    expect(await page.$$('main img')).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  });

  it('say what to do where there is nothing yet', async () => {
    const { page, complaints, close } = await openPage(browser, { width: NARROW });
    await page.goto(empty.url);
    for (const [place, says] of EMPTY) {
      await page.evaluate(`location.hash = ${JSON.stringify(`/${place}`)}`);
      await page.waitForSelector(`text=${says}`);
      expect([place, await overflow(page)]).toEqual([place, 0]);
    }
    expect(complaints).toEqual([]);
    await close();
  });
});
