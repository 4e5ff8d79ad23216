import {
  chromiumArgs,
  chromiumPath,
  describeInBrowser,
  freePort,
  type RedisServer,
  startRedis,
  waitFor,
} from '@millrace/testkit';
import { type Browser, chromium, type Page } from 'playwright-core';
import { githubEvents } from '../src/feed/github-events.js';
import { versionInForce } from '../src/stack/first-routes.js';
import { Service } from '../src/stack/service.js';

const ROUTE = { pattern: { type: [{ wildcard: 'github.*.*' }] }, topics: ['github'] };

describeInBrowser('an event that was not delivered, with the page alone', () => {
  let redis: RedisServer;
  let browser: Browser;
  let page: Page;
  const services = new Map<string, Service>();

  const start = async (name: string, env: Record<string, string> = {}): Promise<string> => {
    const all = { REDIS_URL: redis.url, LOG_LEVEL: 'warn', ...env };
    const service = new Service({ name, port: await freePort(), env: all }, () => undefined);
    services.set(name, service);
    await waitFor(() => service.ready(), { what: `${name} to be ready`, timeoutMs: 30_000 });
    return service.url;
  };
  const url = (name: string): string => (services.get(name) as Service).url;

  beforeAll(async () => {
    redis = await startRedis();
    await start('gateway');
    await Promise.all([
      start('router'),
      start('sink-redis-pubsub'),
      start('console', { LIVE_INTERVAL_MS: '200', GATEWAY_URL: url('gateway') }),
    ]);
    browser = await chromium.launch({ executablePath: chromiumPath() ?? '', args: chromiumArgs() });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(20_000);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await Promise.all([...services.values()].map((service) => service.stop()));
    await redis?.stop();
  });

  it('is found, its route mended, and it is routed again', async () => {
    const headers = { 'content-type': 'application/json' };
    await fetch(`${url('console')}/api/routes/github`, { method: 'PUT', headers, body: JSON.stringify(ROUTE) });
    await waitFor(async () => (await versionInForce(url('router'))) === 1, { what: 'the router to have the route' });
    const ping = githubEvents('a-run').find(({ event }) => event.type === 'github.ping')?.event;
    if (ping === undefined) throw new Error('the sample has no ping');
    await fetch(`${url('gateway')}/v1/events`, { method: 'POST', headers, body: JSON.stringify(ping) });

    // Why: the route wants three parts in the type.
    const trace = `${url('console')}/#/trace?source=${encodeURIComponent(ping.source)}&id=${ping.id}`;
    await page.goto(trace);
    await page.waitForSelector('.way >> text=No route matches: it goes to unrouted');
    await page.waitForSelector('.way >> text=github.*.*');

    // Its route, tried on this event; mended, and put in force.
    await page.click('.way a:text-is("github")');
    await page.waitForSelector('text=does not match');
    await page.fill('label:text-is("Pattern") + textarea', '{ "type": [{ "prefix": "github." }] }');
    await page.waitForSelector('text=matches 1 of the last 1');
    await page.click('button:has-text("Publish…")');
    await page.click('dialog[open] button:text-is("Publish")');
    await waitFor(async () => (await versionInForce(url('router'))) === 2, { what: 'the router to have the change' });

    await page.goto(trace);
    await page.waitForSelector('.way >> text=they have changed since');
    await page.click('button:has-text("Route again")');
    await page.click('dialog button:text-is("Route it"):not([aria-disabled])');
    await page.waitForSelector('.way .step:has(a:text-is("github")) >> text=delivered');
    expect(await page.locator('button:has-text("Route again")').count()).toBe(0);
  }, 120_000);
});
