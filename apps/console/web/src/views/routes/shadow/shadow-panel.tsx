import { href } from '../../../shell/location.js';
import { count, plural } from '../../../ui/format.js';
import { Panel } from '../../../ui/panel.js';
import { type Column, Table } from '../../../ui/table.js';
import { type Copies, copiesOf, shadowTold } from './shadow-told.js';
import { SHADOW_LAST, type Shadow } from './use-shadow.js';

const signed = (value: number): string => (value > 0 ? `+${count(value)}` : count(value).replace('-', '−'));

const COLUMNS: readonly Column<Copies>[] = [
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

/** What the route would do to the last events, beside those live. */
export const ShadowPanel = ({
  shadow: { report, isLoading, error },
  isValid,
  refusal,
}: {
  shadow: Shadow;
  isValid: boolean;
  /** Why the signed-in user may not ask. */
  refusal: string | undefined;
}) => {
  const told = shadowTold({ report, error, isValid, refusal });
  return (
    <Panel title="Impact preview" note={`on the last ${SHADOW_LAST} events`} isBare>
      <p className="verdict" role="status" aria-busy={isLoading}>
        {typeof told === 'string' ? (
          <span className="soft">{told}</span>
        ) : (
          <>
            <strong>{told.matches}</strong> <span className="soft">{told.changes}</span>
          </>
        )}
      </p>
      {report === undefined || report.complete ? null : (
        <p className="verdict warn">Stopped after {count(report.events)} events: matching exceeds the step limit.</p>
      )}
      {report === undefined || report.undecided === 0 ? null : (
        <p className="verdict warn">
          {plural(report.undecided, 'event')} could not be matched, as the pattern exceeds the step limit: the router
          dead-letters them.
        </p>
      )}
      {report?.transform === undefined ? null : (
        <p className="verdict">
          The transform failed on{' '}
          <strong className={report.transform.failed > 0 ? 'bad' : undefined}>{count(report.transform.failed)}</strong>{' '}
          of {count(report.transform.tried)} <span className="wrap soft">{report.transform.errors[0]}</span>
        </p>
      )}
      {report === undefined || report.events === 0 ? null : (
        <Table label="Copies by topic" columns={COLUMNS} rows={copiesOf(report)} keyOf={({ topic }) => topic} />
      )}
      {report === undefined || report.differences.length === 0 ? null : (
        <details className="differences">
          <summary>First rerouted events</summary>
          <ul>
            {report.differences.slice(0, 20).map(({ position, partition, type, less, more }) => (
              <li key={`${partition} ${position}`} className="wrap">
                <a href={href(['topics', 'in'], { from: position.split('.')[0], to: position.split('.')[0] })}>
                  {type}
                </a>{' '}
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
};
