import { openSeriesStore, type SeriesStore, seriesName } from '@millrace/series';
import { deadStream, topicStream } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import type { ReceiverCounts } from '@millrace/testkit';
import pg from 'pg';
import { WEATHER_METRICS, WEATHER_SOURCE } from '../feed/weather-events.js';

/** Where to look. */
export interface Places {
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly receiverUrl: string;
}

const PAGE = 1000;
const ALL = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
const ROLLUPS = [
  { aggregate: 'avg', bucketMs: 30 * 86_400_000 },
  { aggregate: 'max', bucketMs: 30 * 86_400_000 },
] as const;

/** Looks into Redis, Postgres and the receiver for what became of a run's events. */
export class Found {
  private readonly transport: RedisTransport;
  private readonly pool: pg.Pool;
  private readonly from = `${Date.now() - 60_000}-0`;

  constructor(
    private readonly places: Places,
    private readonly run: string,
  ) {
    this.transport = new RedisTransport({ url: places.redisUrl });
    this.pool = new pg.Pool({ connectionString: places.databaseUrl, max: 2 });
    this.pool.on('error', () => undefined); // An idle connection that was cut; the next query says what matters.
  }

  /** How many entries of the topic are of the run. */
  routed(topic: string): Promise<number> {
    return this.countOfRun(topicStream(topic));
  }

  /** Rows of the run, by topic. */
  async rows(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.pool.query<{ topic: string; count: string }>(
      'SELECT topic, count(*) FROM millrace_events WHERE id LIKE $1 GROUP BY topic',
      [`${this.run}-%`],
    );
    return new Map(rows.map(({ topic, count }) => [topic, Number(count)]));
  }

  async webhooks(): Promise<ReceiverCounts> {
    return (await (await fetch(this.places.receiverUrl)).json()) as ReceiverCounts;
  }

  /** Dead letters of the run, of all groups. */
  async deadLetters(): Promise<number> {
    const groups = await this.transport.registry.groups();
    const counts = await Promise.all(
      ['router', ...groups.map(({ group }) => group)].map((group) => this.countOfRun(deadStream(group))),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async samples(): Promise<number> {
    const store = await this.store();
    return count(WEATHER_METRICS.map((metric) => store.range({ series: seriesName(metric, WEATHER_SOURCE) }, ...ALL)));
  }

  async rollups(): Promise<number> {
    const store = await this.store();
    return count(
      WEATHER_METRICS.flatMap((metric) =>
        ROLLUPS.map((rollup) => store.range({ series: seriesName(metric, WEATHER_SOURCE), rollup }, ...ALL)),
      ),
    );
  }

  async close(): Promise<void> {
    await this.pool.end();
    await this.transport.close();
  }

  private async countOfRun(name: string): Promise<number> {
    let found = 0;
    for (let from = this.from; ; ) {
      const page = await this.transport.reader.range({ name, partition: 0 }, from, '+', PAGE);
      found += page.filter(({ event }) => event.json.includes(`"id":"${this.run}-`)).length;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return found;
      from = `(${last.position}`;
    }
  }

  private store(): Promise<SeriesStore> {
    const prefix = this.transport.keys.stream({ name: 'series', partition: 0 });
    this.opened ??= openSeriesStore(this.transport.connections.connectTo(prefix, 'account'), { prefix });
    return this.opened;
  }

  private opened: Promise<SeriesStore> | undefined;
}

const count = async (ranges: readonly Promise<readonly unknown[]>[]): Promise<number> =>
  (await Promise.all(ranges)).reduce((sum, points) => sum + points.length, 0);

/** How many points the rollups should have: a bucket is complete once a sample of a later one came. */
export const expectedRollups = (timesMs: readonly number[]): number =>
  ROLLUPS.reduce(
    (sum, { bucketMs }) =>
      sum + WEATHER_METRICS.length * (new Set(timesMs.map((ms) => Math.floor(ms / bucketMs))).size - 1),
    0,
  );
