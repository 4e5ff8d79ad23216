import type { Delivery } from '@millrace/streams';
import { type OtlpReceiver, startOtlpReceiver, waitFor } from '@millrace/testkit';
import { BaseConfig, ConfigError, createLogger, describeConfig, loadConfig } from '../src/index.js';
import { openTracing } from '../src/tracing/open-tracing.js';
import { asksForTraces } from '../src/tracing/tracing-config.js';

const log = createLogger({ hop: 'test', level: 'silent', format: 'json' });
const load = (environment: Record<string, string>) => loadConfig(BaseConfig, environment);
const TRACE = '0af7651916cd43dd8448eb211c80319c';

const deliveryOf = (n: number, traceparent?: string): Delivery => ({
  event: { type: 't', json: JSON.stringify({ specversion: '1.0', id: `${n}`, source: '/s', type: 't', traceparent }) },
  attempt: 1,
  position: `1-${n}`,
  stream: 'topic:orders',
  partition: 0,
});

describe('OTEL_*', () => {
  it.each([
    [{}, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector/traces' }, true],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, true],
    [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, false],
    [{ OTEL_SDK_DISABLED: 'TRUE', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, false],
  ] as [Record<string, string>, boolean][])('%j: traces %s', (environment, expected) => {
    expect(asksForTraces(load(environment))).toBe(expected);
  });

  it('are read as OpenTelemetry has them', () => {
    const config = load({
      OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=shop, team=a%20b,empty=',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '.25',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20YTpi,x=1==',
      OTEL_PROPAGATORS: 'tracecontext,baggage',
    });
    expect(config.OTEL_RESOURCE_ATTRIBUTES).toEqual({ 'service.namespace': 'shop', team: 'a b', empty: '' });
    expect(config.OTEL_TRACES_SAMPLER_ARG).toBe(0.25);
    expect(config.OTEL_EXPORTER_OTLP_HEADERS).toEqual({ authorization: 'Basic YTpi', x: '1==' });
    expect(JSON.stringify(describeConfig(config))).not.toContain('YTpi');
  });

  it.each([
    ['OTEL_SDK_DISABLED', 'yes', 'true or false'],
    ['OTEL_TRACES_EXPORTER', 'zipkin', 'one of otlp, none'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'one of http/protobuf, http/json'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote', 'one of always_on'],
    ['OTEL_TRACES_SAMPLER_ARG', '2', 'a number from 0 to 1'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'a', 'attributes as name=value'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'a=%', 'attributes as name=value'],
    ['OTEL_PROPAGATORS', 'b3', 'tracecontext, baggage or none'],
    ['OTEL_BSP_SCHEDULE_DELAY', 'soon', 'a whole number'],
  ])('%s does not take "%s"', (name, value, takes) => {
    expect(() => load({ [name]: value })).toThrow(ConfigError);
    expect(() => load({ [name]: value })).toThrow(`${name} must be ${takes}`);
  });

  it('do not show a header that is none', () => {
    expect(() => load({ OTEL_EXPORTER_OTLP_HEADERS: 'secret' })).toThrow(/got a value that is not shown/);
  });
});

describe('spans', () => {
  let otlp: OtlpReceiver;
  beforeEach(async () => {
    otlp = await startOtlpReceiver();
  });
  afterEach(() => otlp.stop());

  const open = (environment: Record<string, string> = {}) =>
    openTracing(
      'router',
      load({
        OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        ...environment,
      }),
      log,
    );
  const settled = { stale: [], parked: [], dead: [] };

  it('are none for events that are of no sampled trace', async () => {
    const tracing = await open();
    const unsampled = [deliveryOf(1), deliveryOf(2, `00-${TRACE}-b7ad6b7169203331-00`), deliveryOf(3, 'none')];
    expect(tracing.batch(unsampled, { group: 'g' })).toBeUndefined();
    await tracing.close();
    expect(otlp.requests).toEqual([]);
  });

  it('are sent at a stop, with the version, and with OTEL_SERVICE_NAME before all else', async () => {
    const tracing = await open({ OTEL_RESOURCE_ATTRIBUTES: 'service.name=b,a=1', OTEL_SERVICE_NAME: 'mine' });
    tracing
      .batch([deliveryOf(1, `00-${TRACE}-b7ad6b7169203331-01`)], { group: 'g' })
      ?.settled(settled, () => undefined);
    await tracing.close();
    expect(otlp.spans).toMatchObject([
      { traceId: TRACE, name: 'process topic:orders', resource: { 'service.name': 'mine', a: '1' } },
    ]);
    expect(otlp.spans[0]?.resource).toHaveProperty(['service.version']);
  });

  it('tell what failed by its class, and of a batch each that failed', async () => {
    const tracing = await open();
    const deliveries = [1, 2, 3].map((n) => deliveryOf(n, `00-${TRACE}-b7ad6b7169203331-01`));
    const cause = new TypeError('the card 4711 is not valid');
    tracing
      .batch(deliveries, { group: 'g' })
      ?.settled({ ...settled, dead: deliveries.slice(1, 2) }, (one) =>
        one === deliveries[1] ? { kind: 'reject', cause } : undefined,
      );
    await tracing.close();
    expect(otlp.spans).toMatchObject([
      {
        isError: true,
        attributes: { 'messaging.batch.message_count': 3, 'millrace.failed_count': 1, 'error.type': 'TypeError' },
        events: [
          {
            name: 'millrace.dead_letter',
            attributes: { 'cloudevents.event_id': '2', 'messaging.message.id': '1-2', 'error.type': 'TypeError' },
          },
        ],
      },
    ]);
    expect(JSON.stringify(otlp.spans)).not.toContain('4711');
  });

  it('go where, how and with what the variables say', async () => {
    const tracing = await open({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${otlp.url}/in/here`,
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-a=1,x-b=1',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-b=2',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_BSP_SCHEDULE_DELAY: '10',
    });
    tracing
      .batch([deliveryOf(1, `00-${TRACE}-b7ad6b7169203331-01`)], { group: 'g' })
      ?.settled(settled, () => undefined);
    await waitFor(() => otlp.requests.length > 0, { what: 'the export' });
    expect(otlp.requests).toMatchObject([
      {
        path: '/in/here',
        headers: {
          'content-type': 'application/x-protobuf',
          'content-encoding': 'gzip',
          'x-a': '1',
          'x-b': '2',
        },
      },
    ]);
    await tracing.close();
  });

  it.each([
    ['always_off', 0],
    ['parentbased_always_on', 1],
    ['parentbased_always_off', 0],
  ])('of requests that nobody else began follow %s', async (sampler, count) => {
    const tracing = await open({ OTEL_TRACES_SAMPLER: sampler });
    const span = tracing.request({ method: 'POST', route: '/v1/events', scheme: 'http', context: undefined });
    const { context } = span?.publish('in', ['{"id":"1"}']) ?? {};
    expect(context === undefined).toBe(count === 0);
    span?.end(202);
    await tracing.close();
    expect(otlp.spans.filter(({ kind }) => kind === 'server')).toHaveLength(count);
  });
});
