import type { TraceAttempt } from '@millrace/admin-api';
import { duration } from '../../ui/format.js';
import { Tag } from '../../ui/tag.js';
import { Clock } from '../../ui/time.js';
import { OUTCOMES } from './told.js';

/** Each attempt: when, how long, and what came of it. */
export const Attempts = ({ attempts }: { attempts: readonly TraceAttempt[] }) =>
  attempts.length === 0 ? null : (
    <ol className="attempts">
      {attempts.map(({ at, attempt, outcome, error, message, ms, status }) => (
        <li key={`${attempt} ${at}`}>
          <span className="soft">{attempt}.</span>
          <Clock at={at} />
          <Tag tone={OUTCOMES[outcome][1]}>{OUTCOMES[outcome][0]}</Tag>
          <span className="soft">{ms === null ? '' : duration(ms)}</span>
          <span className="wrap">
            {status === null ? '' : `${status} `}
            {[error, message].filter(Boolean).join(': ')}
          </span>
        </li>
      ))}
    </ol>
  );
