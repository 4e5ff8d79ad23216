import './doctor.css';
import type { Finding, FindingList } from '@millrace/admin-api';
import { useQuery } from '../../api/use-query.js';
import { Button } from '../../ui/button.js';
import { Head, Loading, Panel, Problem } from '../../ui/panel.js';
import { Tag } from '../../ui/tag.js';
import type { Tone } from '../../ui/tone.js';
import { byWorst, inShort } from './findings.js';

const TONES: Readonly<Record<Finding['verdict'], Tone>> = {
  ok: 'good',
  warning: 'warn',
  refuse: 'bad',
  unknown: 'plain',
};
/** Whether the server and the groups can keep the promises. */
export const Doctor = () => {
  const { data, error, reload } = useQuery<FindingList>('doctor');
  const findings = byWorst(data?.findings ?? []);
  return (
    <>
      <Head title="Doctor" actions={<Button onClick={reload}>Run checks again</Button>}>
        Checks that Redis and the consumer groups can keep the delivery guarantees.
      </Head>
      <Panel title="Findings" note={data && inShort(findings)}>
        <Problem error={error} onRetry={reload} />
        {data === undefined ? <Loading what="findings" unless={error} /> : null}
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
