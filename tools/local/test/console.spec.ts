import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  chromiumArgs,
  chromiumPath,
  describeInBrowser,
  freePort,
  type Receiver,
  type RedisServer,
  startReceiver,
  startRedis,
  waitFor,
} from '@millrace/testkit';
import { type Browser, chromium, type Page } from 'playwright-core';
import { Service } from '../src/stack/service.js';

const ROUTES = 'routes:\n  - { name: orders, pattern: { type: [{ prefix: order. }] }, topics: [orders] }\n';
const SECRET = `whsec_${Buffer.from('a secret of the journey test here').toString('base64')}`;
const SOURCE = '/shop';
const ORDER = { specversion: '1.0', id: 'order-1', source: SOURCE, type: 'order.paid', data: { customer: 'ada' } };

describeInBrowser('whoever looks after the pipeline', () => {
  let folder: string;
  let redis: RedisServer;
  let receiver: Receiver;
  let browser: Browser;
  let page: Page;
  const services: Service[] = [];
  const delivered: { readonly amount?: number }[] = [];

  const start = async (name: string, env: Record<string, string> = {}): Promise<Service> => {
    const shared = { REDIS_URL: redis.url, LOG_LEVEL: 'warn' };
    const service = new Service({ name, port: await freePort(), env: { ...shared, ...env } }, () => undefined);
    services.push(service);
    await waitFor(() => service.ready(), { what: `${name} to be ready`, timeoutMs: 30_000 });
    return service;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-journey-'));
    await writeFile(join(folder, 'routes.yaml'), ROUTES);
    redis = await startRedis();
    // It takes orders that say what they cost.
    receiver = await startReceiver({
      secret: SECRET,
      respond: ({ body }) => {
        const { data } = JSON.parse(body.toString()) as { data: { amount?: number } };
        if (data.amount === undefined) return { status: 422 };
        delivered.push(data);
        return { status: 204 };
      },
    });
    const gateway = await start('gateway');
    const endpoint = { TOPICS: 'orders', ALLOW_NETWORKS: '127.0.0.0/8', MAX_ATTEMPTS: '2', RETRY_SCHEDULE: '1' };
    await Promise.all([
      start('router', { ROUTES_FILE: join(folder, 'routes.yaml') }),
      start('sink-webhook', endpoint),
      start('console', { LIVE_INTERVAL_MS: '200', GATEWAY_URL: gateway.url }),
    ]);
    browser = await chromium.launch({ executablePath: chromiumPath() ?? '', args: chromiumArgs() });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(20_000);
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all(services.map((service) => service.stop()));
    await receiver?.stop();
    await redis?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const console = (): string => (services.find(({ spec }) => spec.name === 'console') as Service).url;
  const field = (label: string) => page.getByLabel(label, { exact: true });

  it('makes an endpoint, finds what it did not take, mends it, and sees it delivered', async () => {
    await page.goto(`${console()}/#/webhooks`);
    await page.click('a:has-text("New endpoint")');
    await field('Name').fill('billing');
    await field('URL').fill(receiver.url);
    await field('Topics').fill('orders');
    await field('Secret').fill(SECRET);
    await page.click('button:has-text("Save")');
    await page.waitForSelector('text=No attempts yet');
    // The sink has taken it up when its group is there.
    await page.goto(`${console()}/#/sinks`);
    await page.waitForSelector('text=hook.billing');

    await page.goto(`${console()}/#/trace`);
    await field('Share').selectOption('all');
    await page.click('button:text-is("Apply")');
    await page.waitForSelector('text=100 % of deliveries until');

    await page.goto(`${console()}/#/topics/in`);
    await page.click('button:has-text("Send an event")');
    await field('Event').fill(JSON.stringify(ORDER));
    await page.click('button:text-is("Send")');
    await page.waitForSelector('[role=status]:has-text("accepted: order-1")');
    await page.goto(`${console()}/#/dead-letters`);
    await page.waitForSelector('[role=option]');
    await page.click('[role=option]');
    await page.waitForSelector('p.bad:has-text("responded 422")');
    const event = await field('Event').inputValue();
    expect(JSON.parse(event)).toMatchObject(ORDER);
    await field('Event').fill(JSON.stringify({ ...ORDER, data: { ...ORDER.data, amount: 120 } }));
    await page.click('button:has-text("Redrive edited event")');
    await page.waitForSelector('text=Sent to hook.billing, as edited');
    await waitFor(() => delivered.length === 1, { what: 'the delivery', timeoutMs: 40_000 });
    expect(delivered).toEqual([{ customer: 'ada', amount: 120 }]);

    await page.click('a:has-text("Trace it")');
    await page.waitForSelector('.deliveries >> text=delivered');
    await page.waitForSelector('.deliveries >> text=redriven 1 time');
    const way = await page.textContent('.way');
    expect(way).toContain('422');
    expect(way).toContain('204');
    await page.goto(`${console()}/#/dead-letters`);
    await page.waitForSelector('text=No failed events');
  }, 120_000);
});
