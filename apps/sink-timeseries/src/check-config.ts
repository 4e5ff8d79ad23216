import { ConfigError } from '@millrace/host';
import { openSeriesStore } from '@millrace/series';
import type { Finding, RedisTransport } from '@millrace/streams/redis';
import type { SinkTimeseriesConfig } from './sink-timeseries-config.js';
import { needsMetric } from './value-path.js';

/** Throws a `ConfigError` for variables of which each is right and two together are not. */
export const checkConfig = ({
  VALUE_PATH: values,
  SERIES_NAME: series,
  SERIES_IGNORE: ignore,
  ON_DUPLICATE: onDuplicate,
  ROLLUPS: rollups,
}: SinkTimeseriesConfig): void => {
  const names = values.flatMap(({ metric, isEvery }) => (isEvery ? [] : [metric]));
  if (new Set(names).size < names.length) {
    const metric =
      values.filter(needsMetric).length > 1 ? 'name them, as temperature=data.t' : 'give each another name';
    throw new ConfigError(`VALUE_PATH: two values of one event have the same metric: ${metric}`);
  }
  if ((values.length > 1 || values[0]?.isEvery) && !series.hasMetric) {
    throw new ConfigError('SERIES_NAME: an event has several values (VALUE_PATH), so it needs {metric}');
  }
  if (ignore !== undefined && onDuplicate !== 'last') {
    throw new ConfigError(`SERIES_IGNORE requires ON_DUPLICATE=last, got ${onDuplicate}`);
  }
  const kept = rollups.map(({ aggregate, bucketMs }) => `${aggregate} of ${bucketMs} ms`);
  const twice = kept.find((rollup, i) => kept.indexOf(rollup) !== i);
  if (twice !== undefined) throw new ConfigError(`ROLLUPS: has ${twice} twice`);
};

/** What this Redis cannot do of what is asked for, and what it would do badly. */
export const examineStore = async (
  transport: RedisTransport,
  config: SinkTimeseriesConfig,
): Promise<readonly Finding[]> => {
  const { ON_DUPLICATE: onDuplicate, SERIES_IGNORE: ignore, SERIES_RETENTION, ROLLUPS } = config;
  const prefix = transport.keys.stream({ name: 'series', partition: 0 });
  const store = await openSeriesStore(transport.connections.connectTo(prefix, 'series'), { prefix });
  const lacking = await store.examine({ name: 'any', onDuplicate, ...(ignore && { ignore }) });
  const findings: Finding[] = [];
  if (lacking !== undefined) {
    findings.push({
      check: 'series',
      verdict: 'refuse',
      detail: `ON_DUPLICATE or SERIES_IGNORE cannot be kept: ${lacking}`,
    });
  }
  const longestMs = Math.max(0, ...ROLLUPS.map(({ bucketMs }) => bucketMs));
  if (SERIES_RETENTION > 0 && SERIES_RETENTION < 2 * longestMs) {
    const detail =
      `SERIES_RETENTION is ${SERIES_RETENTION} ms, less than two buckets of ${longestMs} ms (ROLLUPS): ` +
      'a late sample would change a bucket whose samples are expired';
    findings.push({ check: 'series', verdict: 'warning', detail });
  }
  return findings;
};
