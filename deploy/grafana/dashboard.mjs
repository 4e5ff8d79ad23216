/**
 * Makes deploy/grafana/millrace.json: `node deploy/grafana/dashboard.mjs`. The row of a sink repeats for every sink that
 * Prometheus knows, so a new one is there with no edit.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const WIDTH = 24;
const HEIGHT = 8;
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own placeholder
const datasource = { type: 'prometheus', uid: '${datasource}' };

const targetsOf = (queries) =>
  Object.entries(queries).map(([legend, expr], i) => ({
    ...{ datasource, expr, legendFormat: legend, refId: String.fromCharCode(65 + i), range: true },
  }));

const defaults = (unit) => ({ defaults: { unit, min: 0 }, overrides: [] });

/** A curve for each query: by legend, in which `{{label}}` stands for a label. */
const curves = (title, unit, queries, description) => ({
  ...{ type: 'timeseries', title, datasource, fieldConfig: defaults(unit), targets: targetsOf(queries) },
  ...(description === undefined ? {} : { description }),
});

/** One number, red from `bad` on, where there is such a one. */
const number = (title, unit, expr, bad) => ({
  ...{ type: 'stat', title, datasource, targets: targetsOf({ [title]: expr }) },
  fieldConfig: {
    defaults: {
      ...{ unit, min: 0 },
      thresholds: {
        mode: 'absolute',
        steps: [{ color: 'green', value: null }, ...(bad === undefined ? [] : [{ color: 'red', value: bad }])],
      },
    },
    overrides: [],
  },
  options: { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'background' },
});

const rate = (counter, by) => `sum by (${by}) (rate(${counter}[$__rate_interval]))`;
const quantile = (q, histogram, by) =>
  `histogram_quantile(${q}, sum by (le, ${by}) (rate(${histogram}[$__rate_interval])))`;
/** Of several consoles, which all see the same. */
const seen = (gauge, by) => `max by (${by}) (${gauge})`;

const SINK = '{hop="$sink"}';

const rows = [
  {
    title: 'Overview',
    panels: [
      number('Lag', 'short', `sum(${seen('millrace_sink_lag', 'sink')})`, 10_000),
      number('Oldest unprocessed', 's', 'max(millrace_sink_oldest_waiting_seconds)', 60),
      number('Scheduled for retry', 'short', `sum(${seen('millrace_sink_parked', 'sink')})`, 1000),
      number('Dead letters', 'short', `sum(${seen('millrace_sink_dead_letters', 'sink')})`, 1),
      number('Memory of Redis', 'percentunit', 'max(redis_memory_used_bytes) / (max(redis_memory_max_bytes) > 0)', 0.8),
      number('Accepted/s', 'short', 'sum(rate(millrace_events_total{result="accepted"}[$__rate_interval]))'),
    ],
  },
  {
    title: 'gateway',
    panels: [
      curves('Requests/s', 'reqps', { '{{status}}': rate('millrace_requests_total', 'status') }),
      curves('Events/s', 'short', {
        '{{result}}': rate('millrace_events_total', 'result'),
        'schema violations: {{type}}': rate('millrace_schema_violations_total', 'type'),
      }),
      curves(
        'Router backlog',
        'short',
        { backlog: 'max(millrace_router_lag)' },
        'At BACKPRESSURE_MAX_LAG the gateway responds 429.',
      ),
    ],
  },
  {
    title: 'router',
    panels: [
      curves('Copies/s', 'short', { '{{topic}}': rate('millrace_routed_total', 'topic') }),
      curves('Deliveries/s', 'short', {
        '{{outcome}}': rate('millrace_deliveries_total{hop="router"}', 'outcome'),
      }),
      curves('Trimmed/s', 'short', {
        '{{topic}}': rate('millrace_trimmed_total', 'topic'),
        'not acknowledged by {{group}}: {{topic}}': rate('millrace_forced_total', 'group, topic'),
      }),
    ],
  },
  {
    title: '$sink',
    repeat: 'sink',
    panels: [
      curves('Deliveries/s', 'short', { '{{outcome}}': rate(`millrace_deliveries_total${SINK}`, 'outcome') }),
      curves(
        'Latency',
        's',
        {
          'p50 {{topic}}': quantile(0.5, `millrace_delivery_seconds_bucket${SINK}`, 'topic'),
          'p99 {{topic}}': quantile(0.99, `millrace_delivery_seconds_bucket${SINK}`, 'topic'),
        },
        'Time from the entry into its topic to delivery; a retry, redrive or replay counts from the first entry.',
      ),
      curves(
        'Latency from the gateway',
        's',
        {
          'p50 {{topic}}': quantile(0.5, `millrace_end_to_end_seconds_bucket${SINK}`, 'topic'),
          'p99 {{topic}}': quantile(0.99, `millrace_end_to_end_seconds_bucket${SINK}`, 'topic'),
        },
        'Time from the answer of Redis to the gateway to delivery, of one sampled event a second for each topic.',
      ),
      curves('Batch write duration', 's', { p99: quantile(0.99, `millrace_write_seconds_bucket${SINK}`, 'hop') }),
      curves('Backlog', 'short', {
        'lag {{sink}}': seen(`millrace_sink_lag${SINK}`, 'sink'),
        'in flight {{sink}}': seen(`millrace_sink_pending${SINK}`, 'sink'),
        'scheduled for retry {{sink}}': seen(`millrace_sink_parked${SINK}`, 'sink'),
      }),
      curves('Oldest unprocessed', 's', { '{{sink}}': seen(`millrace_sink_oldest_waiting_seconds${SINK}`, 'sink') }),
      curves('Dead letters', 'short', { '{{sink}}': seen(`millrace_sink_dead_letters${SINK}`, 'sink') }),
    ],
  },
  {
    title: 'Targets of the sinks',
    panels: [
      curves('Postgres: rows/s', 'short', { '{{result}}': rate('millrace_postgres_rows_total', 'result') }),
      curves('Webhooks: request duration', 's', {
        'p99 {{endpoint}}': quantile(0.99, 'millrace_webhook_seconds_bucket', 'endpoint'),
      }),
      curves('Webhooks: endpoints paused', 'short', {
        '{{endpoint}}': seen('millrace_webhook_breaker_open', 'endpoint'),
      }),
      curves('TimeSeries and pub/sub', 'short', {
        'samples/s': 'sum(rate(millrace_samples_total[$__rate_interval]))',
        'receivers/s': 'sum(rate(millrace_pubsub_receivers_total[$__rate_interval]))',
      }),
    ],
  },
  {
    title: 'console: streams and Redis',
    panels: [
      curves('Events in a stream', 'short', { '{{stream}}': seen('redis_stream_length', 'stream') }),
      curves('Lag by stream', 'short', { '{{group}} on {{stream}}': seen('redis_stream_group_lag', 'group, stream') }),
      curves('In flight by stream', 'short', {
        '{{group}} on {{stream}}': seen('redis_stream_group_messages_pending', 'group, stream'),
      }),
      curves('Memory', 'bytes', { used: 'max(redis_memory_used_bytes)', limit: 'max(redis_memory_max_bytes) > 0' }),
      curves('Redis', 'short', {
        reachable: 'min(redis_up)',
        'append-only file enabled': 'min(redis_aof_enabled)',
        'last write succeeded': 'min(redis_aof_last_write_status)',
        'last rewrite succeeded': 'min(redis_aof_last_bgrewrite_status)',
      }),
    ],
  },
  {
    title: 'Processes',
    panels: [
      curves('CPU', 'percentunit', {
        '{{service}} {{instance}}': 'rate(process_cpu_seconds_total{job="millrace"}[$__rate_interval])',
      }),
      curves('Memory', 'bytes', { '{{service}} {{instance}}': 'process_resident_memory_bytes{job="millrace"}' }),
      curves('Event loop, p99', 's', {
        '{{service}} {{instance}}': 'nodejs_eventloop_lag_p99_seconds{job="millrace"}',
      }),
    ],
  },
];

/** At most three beside each other; six where they are numbers. */
const placed = (panels, top) => {
  const columns = panels.every(({ type }) => type === 'stat') ? 6 : 3;
  const h = columns === 6 ? HEIGHT / 2 : HEIGHT;
  const w = WIDTH / columns;
  return panels.map((panel, i) => ({
    ...panel,
    gridPos: { x: (i % columns) * w, y: top + Math.floor(i / columns) * h, w, h },
  }));
};

const laidOut = () => {
  const panels = [];
  let y = 0;
  for (const { title, repeat, panels: own } of rows) {
    const row = { type: 'row', title, collapsed: false, panels: [], gridPos: { x: 0, y, w: WIDTH, h: 1 } };
    const below = placed(own, y + 1);
    panels.push(repeat === undefined ? row : { ...row, repeat }, ...below);
    y = Math.max(...below.map(({ gridPos }) => gridPos.y + gridPos.h));
  }
  return panels.map((panel, i) => ({ id: i + 1, ...panel }));
};

const SINKS = 'label_values({__name__=~"millrace_sink_lag|millrace_deliveries_total",hop!="router"}, hop)';

/** The dashboard, as Grafana takes it. */
export const dashboard = () => ({
  ...{ uid: 'millrace', title: 'Millrace', tags: ['millrace'], schemaVersion: 39, version: 1, editable: true },
  ...{ refresh: '10s', time: { from: 'now-1h', to: 'now' }, timezone: '' },
  templating: {
    list: [
      { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', current: {} },
      {
        ...{ name: 'sink', label: 'Sink', type: 'query', datasource, refresh: 2, sort: 1 },
        ...{ query: { query: SINKS, refId: 'sinks' }, definition: SINKS },
        ...{ multi: true, includeAll: true, current: { text: 'All', value: '$__all' } },
      },
    ],
  },
  annotations: { list: [] },
  panels: laidOut(),
});

const here = fileURLToPath(import.meta.url);
if (process.argv[1] === here) {
  writeFileSync(new URL('./millrace.json', import.meta.url), `${JSON.stringify(dashboard(), null, 2)}\n`);
}
