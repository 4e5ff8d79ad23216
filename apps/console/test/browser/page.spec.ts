import { describeInBrowser, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import type { Browser, Response } from 'playwright-core';
import { RunningConsole } from '../running-console.js';
import { launch, NARROW, openPage, overflow } from './browser.js';

const ADMIN = 'an-admin-key-of-the-tests';
const READER = 'a-reading-key-of-the-tests';
const MANY = 10_000;
const MOST_BYTES = 300 * 1024;

describeInBrowser('the page of the console', () => {
  let redis: RedisServer;
  let browser: Browser;
  let running: RunningConsole;

  beforeAll(async () => {
    redis = await startRedis();
    browser = await launch();
    running = await RunningConsole.start(redis.url, { LIVE_INTERVAL_MS: 200 });
  });
  afterAll(async () => {
    await browser?.close();
    await running?.close();
    await redis?.stop();
  });

  it('is a handful of files, and weighs less than 300 KB', async () => {
    const { page, close } = await openPage(browser);
    const files: Response[] = [];
    page.on('response', (response) => {
      if (!response.url().includes('/api/')) files.push(response);
    });
    await page.goto(`${running.url}/#/metrics`);
    await page.waitForSelector('text=No series is stored');
    await page.evaluate('document.fonts.ready.then(() => undefined)');
    const sizes = await Promise.all(files.map(async (file) => (await file.request().sizes()).responseBodySize));
    const bytes = sizes.reduce((sum, one) => sum + one, 0);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(MOST_BYTES);
    expect(files.length).toBeLessThan(10);
    await close();
  });

  it('says in words that it is live, on a telephone too, and where the clock here is another one', async () => {
    const { page, close } = await openPage(browser, { width: NARROW });
    await page.addInitScript('const now = Date.now; Date.now = () => now() + 3600000;');
    await page.goto(running.url);
    await page.waitForSelector('[role=status] .words:text-is("Live")', { state: 'visible' });
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await close();
  });

  it('goes by keys alone', async () => {
    const { page, close } = await openPage(browser);
    await page.goto(running.url);
    await page.waitForSelector('h1');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await page.keyboard.type('gt');
    await page.waitForSelector('h1:has-text("Topics")');
    await page.keyboard.press('?');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('/shop order-1');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=Event not found');
    expect(page.url()).toContain('source=%2Fshop&id=order-1');
    await close();
  });

  it('keeps ten thousand events in a list without lag', async () => {
    const events = Array.from({ length: MANY }, (_, i) => ({
      type: 'many',
      json: JSON.stringify({ specversion: '1.0', id: `many-${i}`, source: '/many', type: 'many' }),
    }));
    await running.transport.registry.registerTopics(['many']);
    for (let from = 0; from < MANY; from += 500) {
      await running.transport.producer.append({ name: 'topic:many', partition: 0 }, events.slice(from, from + 500));
    }
    const { page, close } = await openPage(browser);
    await page.goto(`${running.url}/#/topics/many`);
    await page.waitForSelector('[role=option]');
    const read = async (): Promise<number> => {
      await page.evaluate("document.querySelector('[role=listbox]').scrollTop = 1e9");
      return Number(await page.getAttribute('[role=option]', 'aria-setsize'));
    };
    await waitFor(async () => (await read()) === MANY, {
      what: 'all events to be read',
      timeoutMs: 60_000,
      everyMs: 20,
    });
    expect((await page.$$('[role=option]')).length).toBeLessThan(60);
    // A scroll through all of them: no frame of it draws more than what is seen.
    const most = (await page.evaluate(`new Promise((resolve) => {
      const list = document.querySelector('[role=listbox]');
      let most = 0, left = 60;
      const step = () => {
        most = Math.max(most, list.querySelectorAll('[role=option]').length);
        list.scrollTop -= 5000;
        left -= 1;
        if (left > 0) requestAnimationFrame(step); else resolve(most);
      };
      requestAnimationFrame(step);
    })`)) as number;
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(60);
    await close();
  }, 120_000);

  it('asks for a key, and shows what a role may not do as off, with why', async () => {
    const guarded = await RunningConsole.start(redis.url, { API_KEYS: [ADMIN], API_KEYS_READ: [READER] });
    await guarded.transport.registry.registerGroup({ group: 'sink-a', hop: 'sink-a', streams: ['topic:orders'] });
    const { page, close } = await openPage(browser, { width: NARROW });
    await page.goto(`${guarded.url}/#/sinks/sink-a`);
    await page.fill('input[type=password]', 'no-key-that-anybody-knows');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=Unknown, expired or revoked API key');
    await page.fill('input[type=password]', READER);
    await page.keyboard.press('Enter');
    const pause = page.locator('button:has-text("Pause")');
    await pause.waitFor();
    await waitFor(async () => (await pause.getAttribute('title'))?.includes('role operate; yours has read'), {
      what: 'why',
    });
    expect(await pause.getAttribute('aria-disabled')).toBe('true');
    await pause.click({ force: true });
    expect((await guarded.transport.registry.groups())[0]?.group).toBe('sink-a');
    expect(await page.textContent('main')).not.toContain('paused');
    await close();
    await guarded.close();
  });

  it('loses nothing that was typed when the console refuses it', async () => {
    const { page, close } = await openPage(browser);
    await page.goto(`${running.url}/#/routes?new=1`);
    await page.fill('label:text-is("Name") + input', 'my route');
    await page.fill('label:text-is("Topics") + input', 'orders');
    await page.fill('label:text-is("Pattern") + textarea', '{ "type": [{ "prefix": "order." }] }');
    await page.click('text=Save as draft');
    await page.waitForSelector('[role=alert]:has-text("letters, digits")');
    await page.waitForSelector('label:text-is("Name") + input[aria-invalid=true]');
    expect(await page.inputValue('label:text-is("Name") + input')).toBe('my route');
    await page.fill('label:text-is("Name") + input', 'my-route');
    await page.fill('label:text-is("Pattern") + textarea', '{ "type": [{ "prefixes": 1 }] }');
    await page.waitForSelector('[role=alert]:has-text("prefixes")');
    await page.waitForSelector('label:text-is("Pattern") + textarea[aria-invalid=true]');
    expect(await page.inputValue('label:text-is("Topics") + input')).toBe('orders');
    await close();
  });
});
