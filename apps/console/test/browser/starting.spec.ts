import { describeInBrowser, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import type { Browser } from 'playwright-core';
import { RunningConsole } from '../running-console.js';
import { order, StandInSink } from '../stand-in-sink.js';
import { launch, openPage } from './browser.js';

describeInBrowser('what is started on the page', () => {
  let redis: RedisServer;
  let browser: Browser;
  let running: RunningConsole;

  beforeAll(async () => {
    redis = await startRedis();
    browser = await launch();
    running = await RunningConsole.start(redis.url, { LIVE_INTERVAL_MS: 200 });
    const { transport } = running;
    await transport.registry.registerTopics(['orders']);
    const sink = new StandInSink(transport);
    sink.outcomeOf = () => ({ kind: 'reject', cause: new RangeError('no') });
    await sink.start();
    const events = Array.from({ length: 12 }, (_, n) => order(`e${n}`));
    await transport.producer.append({ name: 'topic:orders', partition: 0 }, events);
    await waitFor(() => sink.seen.length === 12, { what: 'all of them to fail' });
    await sink.stop();
    await running.ask('POST', '/api/sinks/sink-a/pause');
  });
  afterAll(async () => {
    await browser?.close();
    await running?.close();
    await redis?.stop();
  });

  it('asks before a replay, with the count, the rate and what is wrong with the target', async () => {
    const { page, close } = await openPage(browser);
    await page.goto(`${running.url}/#/replay?topic=orders`);
    await page.click('button:text-is("Start…")');
    await page.waitForSelector('dialog:has-text("Replay orders to sink-a?")');
    await page.waitForSelector('dialog:has-text("12 events will be sent again, at most 500 events/s.")');
    await page.waitForSelector('dialog:has-text("sink-a: paused: what is sent is queued until it is resumed")');
    expect((await running.ask('GET', '/api/replays')).body.replays).toEqual([]);
    await page.click('dialog button:text-is("Start")');
    await page.waitForSelector('text=Started: orders to sink-a.');
    expect((await running.ask('GET', '/api/replays')).body.replays).toHaveLength(1);
    await close();
  });

  it('asks before a redrive, with the count, the rate and what is wrong with the target', async () => {
    const { page, close } = await openPage(browser);
    await page.goto(`${running.url}/#/dead-letters`);
    await page.click('button:text-is("Retry matching…")');
    await page.waitForSelector('dialog:has-text("12 dead letters")');
    await page.waitForSelector('dialog:has-text("sink-a: paused: what is sent is queued until it is resumed")');
    expect((await running.ask('GET', '/api/dead-letters/redrives')).body.redrives).toEqual([]);
    await page.click('dialog button:text-is("Start")');
    await page.waitForSelector('text=12 sent of 12, 100/s');
    await close();
  });
});
