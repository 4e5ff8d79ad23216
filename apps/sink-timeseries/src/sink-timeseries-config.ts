import { Duration, Items, OneOf, Parsed, Text, TopicsConfig, Whole } from '@millrace/host';
import { CHUNK_SIZES, type Ignore, isChunkSize, type OnDuplicate, type RollupSpec } from '@millrace/series';
import { PATH } from './event-path.js';
import { parseIgnore } from './ignore.js';
import { type LabelPath, parseLabelPath } from './label-path.js';
import { parseRollup } from './rollup.js';
import { SeriesTemplate } from './series-template.js';
import { parseValuePath, type ValuePath } from './value-path.js';

const A_PATH = 'a path of member names such as data.metric';
const WHOLE_PATH = new RegExp(`^${PATH}$`);
const MINUTE_MS = 60_000;

const parseChunkSize = (text: string): number | undefined => {
  const bytes = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  return isChunkSize(bytes) ? bytes : undefined;
};

/** What the TimeSeries sink reads from its environment. */
export class SinkTimeseriesConfig extends TopicsConfig {
  @Whole(0, 65_535)
  override PORT: number = 8084;

  override TOPICS: readonly string[] = ['telemetry'];

  /** Where in an event the name of the metric stands: a text. */
  @Text(A_PATH, WHOLE_PATH)
  METRIC_PATH: string = 'data.metric';

  /** Where the readings stand: numbers. Those that have no metric of their own are of `METRIC_PATH`'s. */
  @Items('paths of numbers, such as data.value, temperature=data.t or data.readings.*', parseValuePath)
  VALUE_PATH: readonly ValuePath[] = [{ path: 'data.value' }];

  /** Where their time stands: RFC 3339, or Unix milliseconds. An event without it is of the time it was routed. */
  @Text(A_PATH, WHOLE_PATH)
  TIME_PATH: string = 'time';

  /** How far a time may be ahead of the event's arrival; `0s`: unlimited. */
  @Duration()
  SERIES_MAX_AHEAD: number = 60 * MINUTE_MS;

  /** How the series of a reading is named: by `metric` and by paths into the event. */
  @Parsed(
    'a template with {metric} or {a path}, such as {metric}:{source}:{data.site}, and a ":" between any two',
    SeriesTemplate.parse,
  )
  SERIES_NAME: SeriesTemplate = SeriesTemplate.parse('{metric}:{source}') as SeriesTemplate;

  /** Labels beside `metric` and `source`. */
  @Items('labels of the form name=path, such as site=data.site, other than metric and source', parseLabelPath)
  SERIES_LABELS: readonly LabelPath[] = [];

  /** Most series of a partition: a sample of another one is a dead letter. `0`: no limit. */
  @Whole(0, 100_000_000)
  SERIES_MAX: number = 10_000;

  /** How long samples are kept, behind the latest of their series; `0s`: for ever. */
  @Duration()
  SERIES_RETENTION: number = 90 * 24 * 60 * MINUTE_MS;

  /** Size of a chunk of TimeSeries, in bytes. */
  @Parsed(CHUNK_SIZES, parseChunkSize)
  SERIES_CHUNK_SIZE: number = 4096;

  /** What becomes of two readings of one series and time; `sum` and `block` need the TimeSeries module. */
  @OneOf('last', 'first', 'min', 'max', 'sum', 'block')
  ON_DUPLICATE: OnDuplicate = 'last';

  /** Samples that say nothing new, and are not kept. Unset: none. */
  @Parsed('a time and a difference, such as 10s:0.5', parseIgnore)
  SERIES_IGNORE?: Ignore;

  /** The rollups of every series. */
  @Items(
    'rollups of the form aggregate:bucket or aggregate:bucket:retention, such as avg:1m:30d or max:1h, ' +
      'with avg, min, max, sum, count or last',
    parseRollup,
  )
  ROLLUPS: readonly RollupSpec[] = [
    { aggregate: 'avg', bucketMs: MINUTE_MS },
    { aggregate: 'avg', bucketMs: 60 * MINUTE_MS },
  ];
}
