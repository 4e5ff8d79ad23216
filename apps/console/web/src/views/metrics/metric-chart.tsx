import type { Series, SeriesPoints } from '@millrace/admin-api';
import { useQuery } from '../../api/use-query.js';
import { href } from '../../shell/location.js';
import { count, sample } from '../../ui/format.js';
import { Empty, Loading, Panel, Problem } from '../../ui/panel.js';
import { type Column, Table } from '../../ui/table.js';
import { Chart } from './chart.js';
import { colourOf } from './colours.js';
import { AUTO, bucketFor, oldestPath, pointsPath, type Question } from './question.js';

const LOOK_EVERY_MS = 10_000;
const [LARGE, SMALL] = [340, 180];

const rest = ({ labels }: SeriesPoints): string =>
  Object.entries(labels)
    .filter(([name]) => name !== 'metric')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

const values = ({ points }: SeriesPoints): number[] => points.map(({ value }) => value);
const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / Math.max(1, all.length);

const COLUMNS: readonly Column<readonly [SeriesPoints, number]>[] = [
  {
    head: 'Series',
    cell: ([series, i]) => (
      <span className="row legend">
        <svg width="14" height="4" aria-hidden="true">
          <rect width="14" height="3" rx="1.5" fill={colourOf(i)} />
        </svg>
        {rest(series) || series.name}
      </span>
    ),
  },
  { head: 'Points', isNumber: true, isExtra: true, cell: ([{ points }]) => count(points.length) },
  { head: 'Min', isNumber: true, cell: ([series]) => sample(Math.min(...values(series))) },
  { head: 'Mean', isNumber: true, cell: ([series]) => sample(mean(values(series))) },
  { head: 'Max', isNumber: true, cell: ([series]) => sample(Math.max(...values(series))) },
  { head: 'Last', isNumber: true, cell: ([{ points }]) => sample(points.at(-1)?.value) },
];

/** The bucket that was chosen, or the one that leaves the time from the oldest sample readable. */
const useBucket = (question: Question): { bucket?: string | undefined; error?: Error | undefined } => {
  const { data, error } = useQuery<Series>(question.bucket === AUTO ? oldestPath(question) : null);
  if (question.bucket !== AUTO) return { bucket: question.bucket };
  if (data === undefined) return { error };
  const firsts = data.series.flatMap(({ points }) => points.map(({ timestampMs }) => timestampMs));
  const until = Date.parse(question.to) || Date.now();
  return { bucket: bucketFor(Math.min(until, ...firsts), until) };
};

/** One metric: a line for each of its series, and the same in numbers. */
export const MetricChart = ({ question, isLarge }: { question: Question; isLarge: boolean }) => {
  const { metric, aggregate } = question;
  const { bucket, error } = useBucket(question);
  const points = useQuery<Series>(bucket === undefined ? null : pointsPath(question, bucket), LOOK_EVERY_MS);
  const series = points.data?.series.filter((one) => one.points.length > 0);
  const wrong = error ?? points.error;
  return (
    <Panel
      title={metric}
      note={bucket === undefined ? undefined : `${aggregate} of ${bucket}`}
      actions={isLarge ? undefined : <a href={href(['metrics'], { ...question })}>Expand</a>}
      isBare
    >
      <Problem error={wrong} onRetry={points.reload} />
      {series === undefined ? (
        <Loading what="points" unless={wrong} />
      ) : series.length === 0 ? (
        <Empty title="No data points in this range.">Choose another label or a longer range.</Empty>
      ) : (
        <>
          <Chart label={metric} series={series} height={isLarge ? LARGE : SMALL} />
          <Table
            label={`Series of ${metric}`}
            columns={COLUMNS}
            rows={series.map((one, i) => [one, i] as const)}
            keyOf={([{ name }]) => name}
          />
        </>
      )}
    </Panel>
  );
};
