import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { count, plural } from '../../ui/format.js';
import { Problem, Warnings } from '../../ui/panel.js';

/** What a replay would send. */
export interface DryRun {
  readonly matched: number;
  readonly leftOut: number;
  readonly looked: number;
  readonly complete: boolean;
  /** Why what is sent would wait, each a sentence. */
  readonly warnings: readonly string[];
}

interface StartDialogProps {
  /** `orders to sink-postgres` */
  readonly what: string;
  readonly perSecond: string;
  /** Undefined while they are counted. */
  readonly counted: DryRun | undefined;
  readonly error: Error | undefined;
  readonly isBusy: boolean;
  readonly onStart: () => void;
  readonly onClose: () => void;
}

/** Asks before a replay starts: how many events, how fast, and whether its target can take them now. */
export const StartDialog = ({ what, perSecond, counted, error, isBusy, onStart, onClose }: StartDialogProps) => {
  const isNone = counted?.matched === 0 && counted.complete;
  const refused = counted === undefined ? 'They are being counted.' : isNone ? 'No event matches.' : undefined;
  return (
    <Dialog
      title={`Replay ${what}?`}
      onClose={onClose}
      actions={
        <Button kind="main" needs="operate" isBusy={isBusy} refused={refused} onClick={onStart}>
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
        {counted === undefined ? '' : `are sent again, at most ${count(Number(perSecond))} a second.`} The sink gets
        each once more.
      </p>
      <Warnings of={counted?.warnings ?? []} />
      <Problem error={error} />
    </Dialog>
  );
};
