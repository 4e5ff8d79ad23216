import { AttemptLog, EndpointStates, EndpointStore } from '@millrace/endpoints';
import { describeInBrowser, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import type { Browser, Page } from 'playwright-core';
import { RunningConsole } from '../running-console.js';
import { launch, openPage } from './browser.js';

const event = (n: number) => ({
  type: 't',
  json: JSON.stringify({ specversion: '1.0', id: `${n}`, source: '/s', type: 't', data: { n } }),
});

describeInBrowser('the webhooks of the page', () => {
  let redis: RedisServer;
  let browser: Browser;
  let running: RunningConsole;
  let page: Page;
  let close: () => Promise<void>;

  beforeAll(async () => {
    redis = await startRedis();
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await redis?.stop();
  });
  beforeEach(async () => {
    running = await RunningConsole.start(redis.url, { LIVE_INTERVAL_MS: 200 });
    const { registry } = running.transport;
    await registry.registerTopics(['orders', 'pushes']);
    await registry.registerGroup({ group: 'sink-webhook', hop: 'sink-webhook', streams: ['topic:orders'] });
    ({ page, close } = await openPage(browser));
  });
  afterEach(async () => {
    await close();
    await running.close();
  });

  const put = (name: string, more: object = {}) =>
    running.ask('PUT', `/api/webhooks/${name}`, { url: 'https://me:pass@example.com/in?token=abc', ...more });
  const stored = async (name: string) => {
    const { definitions } = await new EndpointStore(running.transport).written();
    return definitions.find((one) => one.name === name);
  };
  const open = (hash: string) => page.goto(`${running.url}/#/${hash}`);

  it('shows the secret of a new endpoint once, and makes none where it is not to be signed', async () => {
    await open('webhooks?new=1');
    await page.getByLabel('Name').fill('fresh');
    await page.getByLabel('URL').fill('https://example.com/');
    await page.getByRole('button', { name: 'Save' }).click();
    const secret = await page.locator('dialog[open] pre').textContent();
    expect(secret).toMatch(/^whsec_/);
    expect((await stored('fresh'))?.['secret']).toBe(secret);
    await open('webhooks?new=1');
    await page.reload();
    await page.getByLabel('Name').fill('fresh');
    await page.getByLabel('URL').fill('https://example.com/');
    await page.waitForSelector('span.soft:has-text("An endpoint of this name exists")');
    await page.getByLabel('Name').fill('open');
    await page.getByLabel('Signed').uncheck();
    await page.getByRole('button', { name: 'Save' }).click();
    await waitFor(async () => (await stored('open')) !== undefined, { what: 'it to be stored' });
    expect(await stored('open')).toEqual({ name: 'open', url: 'https://example.com/', signed: false });
  });

  it('says at its field what is refused, and nowhere else', async () => {
    await open('webhooks?new=1');
    await page.getByLabel('Name').fill('late');
    await page.getByLabel('URL').fill('https://example.com/');
    await page.getByLabel('Timeout').fill('soon');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForSelector('input[aria-invalid="true"]');
    expect(await page.getByLabel('Timeout').getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByRole('alert').allTextContents()).toEqual([
      expect.stringMatching(/timeout must be .*, got "soon"/),
    ]);
  });

  it('changes what was typed and keeps what is not shown', async () => {
    await put('a', { topics: ['orders'], headers: { authorization: 'Bearer xyz' }, pattern: { type: ['order.paid'] } });
    const before = await stored('a');
    await open('webhooks/a');
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Timeout').fill('3s');
    await page.getByRole('button', { name: 'Save' }).click();
    await waitFor(async () => (await stored('a'))?.['timeout'] === '3s', { what: 'it to be stored' });
    expect(await stored('a')).toEqual({ ...before, timeout: '3s' });
  });

  it('shows in red what degraded, and why, in list, detail and doctor', async () => {
    await put('b', { topics: ['pushes'] });
    const why = 'The webhook sink does not read "pushes": its TOPICS are orders';
    await open('webhooks');
    await page.waitForSelector('.tag.bad:has-text("degraded")');
    await open('webhooks/b');
    await page.waitForSelector(`text=${why}`);
    await open('doctor');
    await page.waitForSelector(`text=endpoint b: ${why}`);
  });

  it('has one tried now that only rests', async () => {
    await put('c');
    const states = new EndpointStates(running.transport);
    await states.failing('c', { failingSince: 1, failure: 'it answered 500', openUntil: Date.now() + 3_600_000 });
    await open('webhooks/c');
    await page.waitForSelector('text=retrying in');
    await page.getByRole('button', { name: 'Retry now' }).click();
    await page.waitForSelector('text=Retrying now');
    expect(await states.of('c')).toEqual({ failingSince: 1, failure: 'it answered 500' });
    expect((await states.orders()).retries.has('c')).toBe(true);
  });

  it('offers a replay only to endpoints that take the topic, and counts what their filter leaves out', async () => {
    const pattern = { data: { n: [1] } };
    await put('takes', { topics: ['orders'], pattern });
    await put('other', { topics: ['pushes'] });
    for (const name of ['takes', 'other']) {
      const group = { group: `hook.${name}`, hop: 'sink-webhook', streams: [`hook:${name}`] };
      await running.transport.registry.registerGroup(group);
    }
    const events = [1, 2, 3].map(event);
    await running.transport.producer.append({ name: 'topic:orders', partition: 0 }, events);
    await open('replay?topic=orders');
    await page.waitForSelector('select option:text-is("hook.takes")', { state: 'attached' });
    expect(await page.locator('select option:text-is("hook.other")').count()).toBe(0);
    await page.getByLabel('Topic', { exact: true }).selectOption('orders');
    await page.getByLabel('Sink').selectOption('hook.takes');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.waitForSelector('text=1 event of 3 events will be sent to hook.takes');
    await page.waitForSelector('text=2 events more are excluded by the topics and filter of the endpoint');
  });

  it('sends a replay past topics and filter only by a word of its own, and says how many that are', async () => {
    await put('other', { topics: ['pushes'] });
    await running.transport.registry.registerGroup({
      group: 'hook.other',
      hop: 'sink-webhook',
      streams: ['hook:other'],
    });
    await running.transport.registry.registerGroup({ group: 'sink-a', hop: 'sink-a', streams: ['topic:orders'] });
    const events = Array.from({ length: 3 }, (_, n) => event(n));
    await running.transport.producer.append({ name: 'topic:orders', partition: 0 }, events);
    await open('replay?topic=orders');
    await page.waitForSelector('select option:text-is("orders")', { state: 'attached' });
    expect(await page.locator('select option:text-is("hook.other")').count()).toBe(0);
    await page.getByLabel('Ignore the topics and filter of an endpoint').check();
    await page.getByLabel('Sink').selectOption('hook.other');
    await page.click('button:text-is("Start…")');
    await page.waitForSelector('dialog:has-text("3 events will be sent again, at most 500 events/s.")');
    await page.waitForSelector(
      'dialog:has-text("3 of them are excluded by the topics and filter of the endpoint, and are sent anyway.")',
    );
    expect((await running.ask('GET', '/api/replays')).body.replays).toEqual([]);
    await page.click('dialog button:text-is("Start")');
    await page.waitForSelector('text=Started: orders to hook.other.');
    expect((await running.ask('GET', '/api/replays')).body.replays).toMatchObject([{ unfiltered: true }]);
  });

  it('sends an event again past topics and filter only after it was asked', async () => {
    const [stored] = await running.transport.producer.append({ name: 'topic:orders', partition: 0 }, [event(1)]);
    await put('a', { topics: ['pushes'] });
    const log = new AttemptLog(running.transport);
    const where = { stream: 'topic:orders', position: stored?.position as string, partition: 0 };
    log.add('a', { at: Date.now(), attempt: 1, type: 't', source: '/s', id: '1', ms: 5, status: 204, ...where });
    await log.flush();
    const sent = () => running.transport.reader.range({ name: 'hook:a', partition: 0 }, '-', '+', 10);
    await open('webhooks/a');
    await page.getByRole('button', { name: 'Resend' }).click();
    await page.waitForSelector('dialog:has-text("1 event of type t would be sent anyway.")');
    await page.click('dialog button:text-is("Close")');
    expect(await sent()).toEqual([]);
    await page.getByRole('button', { name: 'Resend' }).click();
    await page.click('dialog button:text-is("Send anyway")');
    await page.waitForSelector('text=1 was resent with the same webhook-id.');
    expect(await sent()).toHaveLength(1);
  });
});
