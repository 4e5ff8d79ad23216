import type { DryRun } from '@millrace/admin-api';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { count, plural } from '../../ui/format.js';
import { Problem, Warnings } from '../../ui/panel.js';
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
  readonly error: Error | undefined;
  readonly isBusy: boolean;
  readonly onStart: () => void;
  readonly onClose: () => void;
}

/** Asks before a replay starts: how many events, how fast, and whether its target can take them now. */
export const StartDialog = ({ what, perSecond, counted, isPastFilter, error, ...more }: StartDialogProps) => {
  const { isBusy, onStart, onClose } = more;
  return (
    <Dialog
      title={`Replay ${what}?`}
      onClose={onClose}
      actions={
        <Button kind="main" needs="operate" isBusy={isBusy} refused={startRefusal(counted)} onClick={onStart}>
          Start
        </Button>
      }
    >
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
      <Problem error={error} />
    </Dialog>
  );
};
