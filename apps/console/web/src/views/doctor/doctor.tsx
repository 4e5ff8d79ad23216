import './doctor.css';
import type { Finding, FindingList } from '@millrace/admin-api';
import { useQuery } from '../../api/use-query.js';
import { Button } from '../../ui/button.js';
import { plural } from '../../ui/format.js';
import { Head, Loading, Panel, Problem } from '../../ui/panel.js';
import { Tag, type Tone } from '../../ui/tag.js';

const TONES: Readonly<Record<Finding['verdict'], Tone>> = {
  ok: 'good',
  warning: 'warn',
  refuse: 'bad',
  unknown: 'plain',
};
const WORST: readonly Finding['verdict'][] = ['refuse', 'warning', 'unknown', 'ok'];

const byWorst = (a: Finding, b: Finding): number => WORST.indexOf(a.verdict) - WORST.indexOf(b.verdict);

/** Whether the server and the groups can keep the promises. */
export const Doctor = () => {
  const { data, error, reload } = useQuery<FindingList>('doctor');
  const findings = [...(data?.findings ?? [])].sort(byWorst);
  const wrong = findings.filter(({ verdict }) => verdict === 'warning' || verdict === 'refuse').length;
  return (
    <>
      <Head title="Doctor" actions={<Button onClick={reload}>Examine again</Button>}>
        Whether Redis and the groups can keep the promises.
      </Head>
      <Panel
        title="Findings"
        note={
          data === undefined ? undefined : wrong === 0 ? 'all is as it should be' : `${plural(wrong, 'thing')} to mend`
        }
      >
        <Problem error={error} onRetry={reload} />
        {data === undefined && error === undefined ? <Loading what="what the doctor finds" /> : null}
        <ul className="findings">
          {findings.map(({ check, verdict, detail }) => (
            <li key={`${check} ${detail}`}>
              <Tag tone={TONES[verdict]}>{verdict}</Tag>
              <strong>{check}</strong>
              <span className="wrap">{detail}</span>
            </li>
          ))}
        </ul>
      </Panel>
    </>
  );
};
