import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  describeOnRealRedis,
  freePort,
  type OtlpReceiver,
  type PostgresServer,
  type ReceivedSpan,
  type Receiver,
  type RedisServer,
  startOtlpReceiver,
  startPostgres,
  startReceiver,
  startRedis,
  waitFor,
} from '@millrace/testkit';
import { Service } from '../src/stack/service.js';

const ROUTES = 'routes:\n  - { name: orders, pattern: { type: [{ prefix: order. }] }, topics: [orders] }\n';
const SECRET = `whsec_${randomBytes(24).toString('base64')}`;
const PRIVATE = 'nobody-may-see-this';

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
const newParent = (flags = '01') => ({ traceId: hex(16), spanId: hex(8), flags });
const headerOf = ({ traceId, spanId, flags }: ReturnType<typeof newParent>): string =>
  `00-${traceId}-${spanId}-${flags}`;

describeOnRealRedis('a trace from a request to the webhook receiver', () => {
  let redis: RedisServer;
  let postgres: PostgresServer;
  let folder: string;
  let otlp: OtlpReceiver;
  let receiver: Receiver;
  let gatewayUrl: string;
  let failures = 0;
  const services: Service[] = [];

  const start = async (name: string, env: Record<string, string> = {}): Promise<string> => {
    const traced = {
      OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_TRACES_SAMPLER: 'parentbased_always_off',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    };
    const all = { REDIS_URL: redis.url, LOG_LEVEL: 'warn', ...traced, ...env };
    const service = new Service({ name, port: await freePort(), env: all }, () => undefined);
    services.push(service);
    await waitFor(() => service.ready(), { what: `${name} to be ready`, timeoutMs: 30_000 });
    return service.url;
  };
  const post = async (body: object | string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${gatewayUrl}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    expect(response.status).toBe(202);
  };
  const eventOf = (id: string, more: object = {}) => ({
    specversion: '1.0',
    id,
    source: '/shop',
    type: 'order.paid',
    data: { card: PRIVATE },
    ...more,
  });
  const of = (traceId: string): ReceivedSpan[] => otlp.spans.filter((span) => span.traceId === traceId);
  /** Resolves when a trace has spans of these names, and has no more. */
  const traceOf = async (traceId: string, names: readonly string[]): Promise<ReadonlyMap<string, ReceivedSpan>> => {
    await waitFor(() => of(traceId).length >= names.length, {
      what: `the spans of ${traceId}`,
    }).catch(() => undefined);
    expect(
      of(traceId)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...names].sort());
    return new Map(of(traceId).map((span) => [span.name, span]));
  };
  const received = (id: string) =>
    waitFor(() => receiver.recent.find(({ body }) => (JSON.parse(body) as { id: string }).id === id), {
      what: `the webhook of ${id}`,
    });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-traces-'));
    await writeFile(join(folder, 'routes.yaml'), ROUTES);
    redis = await startRedis();
    postgres = await startPostgres();
    otlp = await startOtlpReceiver();
    receiver = await startReceiver({
      secret: SECRET,
      respond: ({ body }) => ({ status: body.includes('"fails"') && failures++ === 0 ? 500 : 204 }),
    });
    [gatewayUrl] = (await Promise.all([
      start('gateway'),
      start('router', { ROUTES_FILE: join(folder, 'routes.yaml') }),
      start('sink-webhook', {
        WEBHOOK_URL: `${receiver.url}hook/${PRIVATE}?key=${PRIVATE}`,
        WEBHOOK_SECRET: SECRET,
        ALLOW_NETWORKS: '127.0.0.0/8',
        TOPICS: 'orders',
        RETRY_SCHEDULE: '0',
      }),
      start('sink-postgres', { DATABASE_URL: postgres.url, TOPICS: 'orders', OTEL_SERVICE_NAME: 'rows' }),
    ])) as [string, ...string[]];
  }, 120_000);
  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    await Promise.all([receiver?.stop(), otlp?.stop(), redis?.stop(), postgres?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  it('shows every hop, with its parent, its kind and its names', async () => {
    const parent = newParent();
    await post(eventOf('one'), { traceparent: headerOf(parent), tracestate: 'vendor=1' });
    const request = await received('one');
    const spans = await traceOf(parent.traceId, [
      'POST /v1/events',
      'publish in',
      'process in',
      'process topic:orders', // Of the Postgres sink
      'INSERT millrace_events',
      'process topic:orders', // and of the webhook sink, which dispatches
      'process hook:default', // and delivers.
      'POST',
    ]);
    const span = (name: string): ReceivedSpan => spans.get(name) as ReceivedSpan;
    const publish = span('publish in');

    expect(span('POST /v1/events')).toMatchObject({
      parentSpanId: parent.spanId,
      kind: 'server',
      service: 'millrace-gateway',
      isError: false,
      attributes: { 'http.request.method': 'POST', 'http.route': '/v1/events', 'http.response.status_code': 202 },
      resource: { 'deployment.environment.name': 'test', 'telemetry.sdk.language': 'nodejs' },
    });
    expect(publish).toMatchObject({
      parentSpanId: span('POST /v1/events').spanId,
      kind: 'producer',
      service: 'millrace-gateway',
      attributes: {
        'messaging.system': 'millrace',
        'messaging.operation.type': 'send',
        'messaging.destination.name': 'in',
      },
    });
    expect(span('process in')).toMatchObject({
      parentSpanId: publish.spanId,
      kind: 'consumer',
      service: 'millrace-router',
      attributes: {
        'messaging.operation.type': 'process',
        'messaging.destination.name': 'in',
        'messaging.consumer.group.name': 'router',
        'cloudevents.event_id': 'one',
        'cloudevents.event_source': '/shop',
        'cloudevents.event_type': 'order.paid',
        'millrace.attempt': 1,
        'millrace.outcome': 'forward',
        'millrace.forwarded_to': ['topic:orders'],
      },
    });
    const ofTopic = of(parent.traceId).filter(({ name }) => name === 'process topic:orders');
    expect(ofTopic.map(({ service }) => service).sort()).toEqual(['millrace-sink-webhook', 'rows']);
    for (const one of ofTopic) expect(one).toMatchObject({ parentSpanId: publish.spanId, kind: 'consumer' });
    expect(span('INSERT millrace_events')).toMatchObject({
      parentSpanId: ofTopic.find(({ service }) => service === 'rows')?.spanId,
      kind: 'client',
      attributes: { 'db.system.name': 'postgresql', 'db.collection.name': 'millrace_events' },
    });
    expect(span('process hook:default')).toMatchObject({ parentSpanId: publish.spanId, kind: 'consumer' });
    expect(span('POST')).toMatchObject({
      parentSpanId: span('process hook:default').spanId,
      kind: 'client',
      service: 'millrace-sink-webhook',
      attributes: { 'http.request.method': 'POST', 'http.response.status_code': 204, 'millrace.endpoint': 'default' },
    });

    // The receiver is a child of the call; the event says where the trace began.
    expect(request.headers).toMatchObject({
      traceparent: `00-${parent.traceId}-${span('POST').spanId}-01`,
      tracestate: 'vendor=1',
    });
    expect(JSON.parse(request.body)).toMatchObject({
      traceparent: `00-${parent.traceId}-${publish.spanId}-01`,
      tracestate: 'vendor=1',
    });
  });

  it('shows an attempt that failed and the one that did not', async () => {
    const parent = newParent();
    await post(eventOf('fails'), { traceparent: headerOf(parent) });
    await waitFor(() => of(parent.traceId).filter(({ name }) => name === 'POST').length === 2, {
      what: 'two attempts',
    });
    const [first, second] = of(parent.traceId).filter(({ name }) => name === 'POST');
    expect(first).toMatchObject({
      isError: true,
      attributes: { 'http.response.status_code': 500, 'error.type': 'TransientError' },
    });
    expect(second).toMatchObject({
      isError: false,
      attributes: { 'http.response.status_code': 204, 'http.request.resend_count': 1 },
    });
    const deliveries = () => of(parent.traceId).filter(({ name }) => name === 'process hook:default');
    await waitFor(() => deliveries().length === 2, { what: 'both deliveries' });
    expect(deliveries()).toMatchObject([
      { isError: true, attributes: { 'millrace.attempt': 1 }, events: [{ name: 'millrace.retry' }] },
      { isError: false, attributes: { 'millrace.attempt': 2, 'millrace.outcome': 'ack' }, events: [] },
    ]);
  });

  it('is one span for the events of a batch, and links traces that are handled together', async () => {
    const [request, own] = [newParent(), newParent()];
    const events = [eventOf('b1'), eventOf('b2'), eventOf('b3', { traceparent: headerOf(own) })];
    await post(events, { traceparent: headerOf(request) });
    const whole = await waitFor(
      () =>
        otlp.spans.find(({ name, links }) => name === 'receive in' && links.some((one) => one.traceId === own.traceId)),
      { what: 'the span of the batch' },
    );
    expect(whole).toMatchObject({
      kind: 'client',
      parentSpanId: '',
      attributes: { 'messaging.batch.message_count': 3 },
    });
    const routed = [request, own].map(({ traceId }) => of(traceId).find(({ name }) => name === 'process in'));
    expect(whole.links).toEqual(routed.map((span) => expect.objectContaining({ spanId: span?.spanId })));
    for (const span of routed) expect(span?.links).toMatchObject([{ spanId: whole.spanId }]);
    expect(routed[0]?.attributes).toMatchObject({ 'messaging.batch.message_count': 2, 'millrace.failed_count': 0 });

    // The event that brought a trace keeps it, and the trace knows of the request.
    const sent = await waitFor(() => of(own.traceId).find(({ kind }) => kind === 'producer'), {
      what: 'the span of its publication',
    });
    const server = await waitFor(() => of(request.traceId).find(({ kind }) => kind === 'server'), {
      what: 'the span of the request',
    });
    expect(sent).toMatchObject({
      parentSpanId: own.spanId,
      links: [{ traceId: request.traceId, spanId: server.spanId }],
    });
    expect(JSON.parse((await received('b3')).body)).toMatchObject({ traceparent: headerOf(own) });
  });

  it('makes no span of what nobody samples, and carries its trace on', async () => {
    const unsampled = newParent('00');
    await post(eventOf('quiet'), { traceparent: headerOf(unsampled) });
    expect((await received('quiet')).headers['traceparent']).toBe(headerOf(unsampled));
    await post(eventOf('silent'));
    expect((await received('silent')).headers['traceparent']).toBeUndefined();
    const last = newParent();
    await post(eventOf('last'), { traceparent: headerOf(last) });
    await waitFor(() => of(last.traceId).some(({ name }) => name === 'POST'), { what: 'the last' });
    expect(of(unsampled.traceId)).toEqual([]);
    expect(otlp.spans.filter(({ attributes }) => attributes['cloudevents.event_id'] === 'silent')).toEqual([]);
  });

  it('says nothing of data, secrets, or paths that may hold them', () => {
    expect(otlp.spans.length).toBeGreaterThan(10);
    const told = JSON.stringify(otlp.spans);
    for (const secret of [PRIVATE, SECRET, 'card']) expect(told).not.toContain(secret);
  });
});

describeOnRealRedis('a collector that is away', () => {
  it('delays nothing, loses nothing, and is told of once', async () => {
    const redis = await startRedis();
    const lines: string[] = [];
    const env = {
      REDIS_URL: redis.url,
      LOG_LEVEL: 'info',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: '200',
    };
    const gateway = new Service({ name: 'gateway', port: await freePort(), env }, (_, line) => lines.push(line));
    try {
      await waitFor(() => gateway.ready(), { what: 'the gateway to be ready', timeoutMs: 30_000 });
      const warnings = () => lines.filter((line) => /cannot export traces/.test(line));
      const send = async () => {
        const response = await fetch(`${gateway.url}/v1/events`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', traceparent: headerOf(newParent()) },
          body: '{"type":"order.paid"}',
        });
        expect(response.status).toBe(202);
      };
      let sent = 0;
      await waitFor(
        async () => {
          await send();
          sent += 1;
          return warnings().length > 0 && sent > 50;
        },
        { what: 'the warning', everyMs: 10 },
      );
      // A new export begins after the one that failed; it is told of no more.
      for (let i = 0; i < 20; i += 1) await send();
      const began = performance.now();
      await gateway.stop();
      expect(performance.now() - began).toBeLessThan(8000);
      expect(warnings()).toHaveLength(1);
      expect(lines.some((line) => /"msg":"stopped"/.test(line))).toBe(true);
    } finally {
      await gateway.stop();
      await redis.stop();
    }
  });
});
