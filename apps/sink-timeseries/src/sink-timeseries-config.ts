import { Duration, Items, OneOf, Text, TopicsConfig, Whole } from '@millrace/host';
import type { OnDuplicate, RollupSpec } from '@millrace/series';
import { parseRollup } from './rollup.js';

const PATH = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;
const A_PATH = 'a path of member names, as data.metric';
const MINUTE_MS = 60_000;

/** What the TimeSeries sink reads from its environment. */
export class SinkTimeseriesConfig extends TopicsConfig {
  @Whole(0, 65_535)
  override PORT: number = 8084;

  override TOPICS: readonly string[] = ['telemetry'];

  /** Where in an event the name of the metric stands: a text. */
  @Text(A_PATH, PATH)
  METRIC_PATH: string = 'data.metric';

  /** Where the reading stands: a number. */
  @Text(A_PATH, PATH)
  VALUE_PATH: string = 'data.value';

  /** Where its time stands: RFC 3339, or Unix milliseconds. An event without it is of the time it was routed. */
  @Text(A_PATH, PATH)
  TIME_PATH: string = 'time';

  /** How long samples are kept, behind the latest of their series; `0s`: for ever. */
  @Duration()
  SERIES_RETENTION: number = 90 * 24 * 60 * MINUTE_MS;

  /** What becomes of two readings of one metric, source and time; all but `last` need the TimeSeries module. */
  @OneOf('last', 'min', 'max', 'sum')
  ON_DUPLICATE: OnDuplicate = 'last';

  /** The rollups of every series. */
  @Items(
    'rollups of the form aggregate:bucket, as avg:1m or max:1h, with avg, min, max, sum, count or last',
    parseRollup,
  )
  ROLLUPS: readonly RollupSpec[] = [
    { aggregate: 'avg', bucketMs: MINUTE_MS },
    { aggregate: 'avg', bucketMs: 60 * MINUTE_MS },
  ];
}
