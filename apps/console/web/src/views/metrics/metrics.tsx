import './metrics.css';
import type { SeriesLabels, SeriesPoints } from '../../api/types.js';
import { useQuery } from '../../api/use-query.js';
import { href, replace, usePlace } from '../../shell/location.js';
import { Choice, Input } from '../../ui/field.js';
import { count, sample } from '../../ui/format.js';
import { Empty, Head, Loading, Panel, Problem } from '../../ui/panel.js';
import { type Column, Table } from '../../ui/table.js';
import { Chart } from './chart.js';
import { colourOf } from './colours.js';
import { AGGREGATES, AUTO, BUCKETS, bucketFor, oldestPath, pointsPath, type Question, questionOf } from './question.js';

const LOOK_EVERY_MS = 10_000;

interface Answer {
  readonly matched: number;
  readonly series: readonly SeriesPoints[];
}

const LabelChoices = ({
  question,
  labels,
  put,
}: {
  question: Question;
  labels: SeriesLabels;
  put: (more: Partial<Question>) => void;
}) => {
  const names = Object.keys(labels.labels).filter((name) => name !== 'metric');
  return (
    <>
      <Choice
        label="Label"
        value={question.label}
        onChange={(label) => put({ label, value: '' })}
        options={[['', 'any'], ...names.map((name) => [name, name] as const)]}
      />
      {question.label === '' ? null : (
        <Choice
          label={`Value of ${question.label}`}
          value={question.value}
          onChange={(value) => put({ value })}
          options={[['', 'any'], ...(labels.labels[question.label] ?? []).map((value) => [value, value] as const)]}
        />
      )}
    </>
  );
};

const Choices = ({ question, labels }: { question: Question; labels: SeriesLabels }) => {
  const put = (more: Partial<Question>) => replace(href(['metrics'], { ...question, ...more }));
  return (
    <form className="fields" aria-label="What is charted" onSubmit={(event) => event.preventDefault()}>
      <Choice
        label="Metric"
        value={question.metric}
        onChange={(metric) => put({ metric })}
        options={[['', 'all'], ...labels.metrics.map((metric) => [metric, metric] as const)]}
      />
      <LabelChoices question={question} labels={labels} put={put} />
      <Choice
        label="Aggregate"
        value={question.aggregate}
        onChange={(aggregate) => put({ aggregate })}
        options={AGGREGATES}
      />
      <Choice
        label="Bucket"
        value={question.bucket}
        onChange={(bucket) => put({ bucket })}
        options={[AUTO, ...BUCKETS]}
      />
      <Input
        label="From"
        value={question.from}
        onChange={(from) => put({ from })}
        placeholder="the oldest"
        hint="as 2026-11-21"
      />
      <Input label="To" value={question.to} onChange={(to) => put({ to })} placeholder="the newest" />
    </form>
  );
};

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
  { head: 'Least', isNumber: true, cell: ([series]) => sample(Math.min(...values(series))) },
  { head: 'Mean', isNumber: true, cell: ([series]) => sample(mean(values(series))) },
  { head: 'Most', isNumber: true, cell: ([series]) => sample(Math.max(...values(series))) },
  { head: 'Last', isNumber: true, cell: ([{ points }]) => sample(points.at(-1)?.value) },
];

const ofMetric = (series: readonly SeriesPoints[]): [string, SeriesPoints[]][] => {
  const metrics = new Map<string, SeriesPoints[]>();
  for (const one of series) {
    if (one.points.length === 0) continue;
    const metric = one.labels['metric'] ?? one.name;
    metrics.set(metric, [...(metrics.get(metric) ?? []), one]);
  }
  return [...metrics];
};

const Charts = ({ answer, note }: { answer: Answer; note: string }) => {
  const metrics = ofMetric(answer.series);
  if (metrics.length === 0)
    return <Empty title="No series has points here.">Choose another metric, or a longer time.</Empty>;
  return (
    <div className={metrics.length > 1 ? 'charts' : 'stack'}>
      {metrics.map(([metric, series]) => (
        <Panel
          key={metric}
          title={metric}
          note={note}
          actions={metrics.length > 1 ? <a href={href(['metrics'], { metric })}>Larger</a> : undefined}
          isBare
        >
          <Chart label={metric} series={series} height={metrics.length > 1 ? 180 : 340} />
          <Table
            label={`Series of ${metric}`}
            columns={COLUMNS}
            rows={series.map((one, i) => [one, i] as const)}
            keyOf={([{ name }]) => name}
          />
        </Panel>
      ))}
    </div>
  );
};

/** The samples that sink-timeseries keeps, charted. */
export const Metrics = () => {
  const question = questionOf(usePlace().query);
  const labels = useQuery<SeriesLabels>('series/labels', LOOK_EVERY_MS);
  const oldest = useQuery<Answer>(question.bucket === AUTO ? oldestPath(question) : null);
  const firstAt = Math.min(
    ...(oldest.data?.series.flatMap(({ points }) => points.map(({ timestampMs }) => timestampMs)) ?? []),
  );
  const auto =
    oldest.data === undefined
      ? undefined
      : bucketFor(Number.isFinite(firstAt) ? firstAt : Date.now(), Date.parse(question.to) || Date.now());
  const bucket = question.bucket === AUTO ? auto : question.bucket;
  const points = useQuery<Answer>(bucket === undefined ? null : pointsPath(question, bucket), LOOK_EVERY_MS);
  const error = labels.error ?? oldest.error ?? points.error;
  return (
    <>
      <Head title="Metrics">Samples and rollups of sink-timeseries.</Head>
      <div className="stack">
        <Problem error={error} onRetry={points.reload} />
        {labels.data === undefined ? (
          labels.error === undefined ? (
            <Loading what="the series" />
          ) : null
        ) : labels.data.metrics.length === 0 ? (
          <Panel title="No series yet" isBare>
            <Empty title="No series is kept.">
              <code>sink-timeseries</code> makes one for each metric it finds in its topics. Give it <code>TOPICS</code>
              , and send events whose data has a <code>metric</code> and a <code>value</code>.
            </Empty>
          </Panel>
        ) : (
          <>
            <Choices question={question} labels={labels.data} />
            {points.data === undefined ? (
              error === undefined ? (
                <Loading what="points" />
              ) : null
            ) : (
              <Charts answer={points.data} note={`${question.aggregate} of ${bucket}`} />
            )}
          </>
        )}
      </div>
    </>
  );
};
