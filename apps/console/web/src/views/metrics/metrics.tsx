import './metrics.css';
import type { SeriesLabels } from '@millrace/admin-api';
import { useQuery } from '../../api/use-query.js';
import { href, replace, usePlace } from '../../shell/location.js';
import { Choice, Form, Input } from '../../ui/field.js';
import { Empty, Head, Loading, Panel, Problem } from '../../ui/panel.js';
import { MetricChart } from './metric-chart.js';
import { AGGREGATES, AUTO, BUCKETS, type Question, questionOf } from './question.js';

const LOOK_EVERY_MS = 10_000;

/** Each is asked for by itself. */
const MOST_CHARTS = 12;

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
    <Form className="fields" aria-label="Chart options">
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
        hint="such as 2026-11-21"
      />
      <Input label="To" value={question.to} onChange={(to) => put({ to })} placeholder="the newest" />
    </Form>
  );
};

/** The samples that sink-timeseries keeps, charted. */
export const Metrics = () => {
  const question = questionOf(usePlace().query);
  const { data, error, reload } = useQuery<SeriesLabels>('series/labels', LOOK_EVERY_MS);
  const metrics = question.metric === '' ? (data?.metrics ?? []) : [question.metric];
  return (
    <>
      <Head title="Metrics">Samples and rollups of sink-timeseries.</Head>
      <div className="stack">
        <Problem error={error} onRetry={reload} />
        {data === undefined ? (
          <Loading what="the series" unless={error} />
        ) : data.metrics.length === 0 ? (
          <Panel title="No series yet" isBare>
            <Empty title="No series is stored.">
              <code>sink-timeseries</code> creates one for each metric in its topics. Give it <code>TOPICS</code>, and
              send events whose data has a <code>metric</code> and a <code>value</code>.
            </Empty>
          </Panel>
        ) : (
          <>
            <Choices question={question} labels={data} />
            <div className={metrics.length > 1 ? 'charts' : 'stack'}>
              {metrics.slice(0, MOST_CHARTS).map((metric) => (
                <MetricChart key={metric} question={{ ...question, metric }} isLarge={metrics.length === 1} />
              ))}
            </div>
            {metrics.length > MOST_CHARTS ? (
              <p className="soft">
                Showing {MOST_CHARTS} of {metrics.length} metrics; choose one above to see it.
              </p>
            ) : null}
          </>
        )}
      </div>
    </>
  );
};
