import { href } from '../../shell/location.js';
import { count, plural } from '../../ui/format.js';
import { Panel } from '../../ui/panel.js';
import { type Column, Table } from '../../ui/table.js';
import { SHADOW_LAST, type Shadow } from './use-shadow.js';

interface TopicRow {
  readonly topic: string;
  readonly before: number;
  readonly after: number;
}

const signed = (value: number): string => (value > 0 ? `+${count(value)}` : count(value).replace('-', '−'));

const COLUMNS: readonly Column<TopicRow>[] = [
  { head: 'Topic', cell: ({ topic }) => topic },
  { head: 'Now', isNumber: true, cell: ({ before }) => count(before) },
  { head: 'With this route', isNumber: true, cell: ({ after }) => count(after) },
  {
    head: 'Change',
    isNumber: true,
    cell: ({ before, after }) => (
      <span className={before === after ? 'soft' : 'changed'}>{signed(after - before)}</span>
    ),
  },
];

/** What the route would do to the last events, beside those in force. */
export const ShadowPanel = ({
  shadow: { report, isLoading, error },
  isValid,
  refusal,
}: {
  shadow: Shadow;
  isValid: boolean;
  /** Why whoever is signed in may not ask. */
  refusal: string | undefined;
}) => (
  <Panel title="What it would do" note={`to the last ${SHADOW_LAST} events`} isBare>
    <p className="verdict" role="status" aria-busy={isLoading}>
      {refusal !== undefined ? (
        <span className="soft">{refusal}</span>
      ) : !isValid || error !== undefined ? (
        <span className="soft">Mend the route to see it.</span>
      ) : report === undefined ? (
        <span className="soft">Looking…</span>
      ) : report.events === 0 ? (
        <span className="soft">No event is retained in the inbox to try it on.</span>
      ) : (
        <>
          <strong>
            matches {count(report.matched)} of the last {count(report.events)}
          </strong>{' '}
          <span className="soft">
            {report.different === 0 ? 'and changes nothing' : `and sends ${count(report.different)} elsewhere`},{' '}
            {report.microseconds.withDraft} µs each
          </span>
        </>
      )}
    </p>
    {report === undefined || report.complete ? null : (
      <p className="verdict warn">Ended after {count(report.events)} events: matching them takes too many steps.</p>
    )}
    {report === undefined || report.undecided === 0 ? null : (
      <p className="verdict warn">
        {plural(report.undecided, 'event')} could not be matched, as that takes more steps than an event may: the router
        makes them dead letters.
      </p>
    )}
    {report?.transform === undefined ? null : (
      <p className="verdict">
        The transform failed on{' '}
        <strong className={report.transform.failed > 0 ? 'bad' : undefined}>{count(report.transform.failed)}</strong> of{' '}
        {count(report.transform.tried)} <span className="wrap soft">{report.transform.errors[0]}</span>
      </p>
    )}
    {report === undefined || report.events === 0 ? null : (
      <Table
        label="Copies by topic"
        columns={COLUMNS}
        rows={[...new Set([...Object.keys(report.inForce), ...Object.keys(report.withDraft)])].sort().map((topic) => ({
          topic,
          before: report.inForce[topic] ?? 0,
          after: report.withDraft[topic] ?? 0,
        }))}
        keyOf={({ topic }) => topic}
      />
    )}
    {report === undefined || report.differences.length === 0 ? null : (
      <details className="differences">
        <summary>The first events that would go elsewhere</summary>
        <ul>
          {report.differences.slice(0, 20).map(({ position, partition, type, less, more }) => (
            <li key={`${partition} ${position}`} className="wrap">
              <a href={href(['topics', 'in'], { from: position.split('.')[0], to: position.split('.')[0] })}>{type}</a>{' '}
              <span className="soft">
                {more.length > 0 ? `also to ${more.join(', ')}` : ''}
                {more.length > 0 && less.length > 0 ? '; ' : ''}
                {less.length > 0 ? `no more to ${less.join(', ')}` : ''}
              </span>
            </li>
          ))}
        </ul>
      </details>
    )}
  </Panel>
);
