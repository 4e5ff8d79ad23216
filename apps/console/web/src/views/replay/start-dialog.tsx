import type { DryRun, Replay } from '@millrace/admin-api';
import type { Action } from '../../api/use-action.js';
import { Confirm } from '../../ui/dialog.js';
import { count, plural } from '../../ui/format.js';
import { Warnings } from '../../ui/panel.js';
import { startRefusal } from './replay-order.js';

/** What becomes of those that the topics and the filter of an endpoint leave out. */
export const LeftOut = ({ counted: { leftOut }, isPastFilter }: { counted: DryRun; isPastFilter: boolean }) => {
  if (leftOut === 0) return null;
  return isPastFilter ? (
    <strong>
      {' '}
      {count(leftOut)} of them are excluded by the topics and filter of the endpoint, and are sent anyway.
    </strong>
  ) : (
    <> {plural(leftOut, 'event')} more are excluded by the topics and filter of the endpoint.</>
  );
};

interface StartDialogProps {
  /** `orders to sink-postgres` */
  readonly what: string;
  readonly perSecond: string;
  /** Undefined while they are counted. */
  readonly counted: DryRun | undefined;
  readonly isPastFilter: boolean;
  /** Why they were not counted. */
  readonly error: Error | undefined;
  readonly action: Action<[], Replay>;
  readonly onClose: () => void;
}

/** Asks before a replay starts: how many events, how fast, and whether its target can take them now. */
export const StartDialog = ({ what, perSecond, counted, isPastFilter, ...more }: StartDialogProps) => {
  return (
    <Confirm title={`Replay ${what}?`} label="Start" needs="operate" refused={startRefusal(counted)} {...more}>
      <p>
        <strong>
          {counted === undefined
            ? 'counting…'
            : `${counted.complete ? '' : 'at least '}${plural(counted.matched, 'event')}`}
        </strong>{' '}
        {counted === undefined ? '' : `will be sent again, at most ${count(Number(perSecond))} events/s.`} The sink gets
        each once more.
        {counted === undefined ? null : <LeftOut counted={counted} isPastFilter={isPastFilter} />}
      </p>
      <Warnings of={counted?.warnings ?? []} />
    </Confirm>
  );
};
