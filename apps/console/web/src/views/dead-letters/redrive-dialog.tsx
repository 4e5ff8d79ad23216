import type { DeadLetterFilter, Redrive } from '@millrace/admin-api';
import { useState } from 'react';
import { ask } from '../../api/client.js';
import { useAction } from '../../api/use-action.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Input } from '../../ui/field.js';
import { duration, plural } from '../../ui/format.js';
import { Problem, Warnings } from '../../ui/panel.js';
import { inWords } from './filter-query.js';
import { useDryRun } from './use-dry-run.js';

interface RedriveDialogProps {
  readonly filter: DeadLetterFilter;
  readonly onClose: () => void;
  readonly onChange: () => void;
}

/** Counts first, then sends all that fit again, at a rate. */
export const RedriveDialog = ({ filter, onClose, onChange }: RedriveDialogProps) => {
  const [perSecond, setPerSecond] = useState('100');
  const matched = useDryRun('redrive', filter);
  const rate = Number(perSecond);
  const isRate = Number.isInteger(rate) && rate >= 1 && rate <= 100_000;
  const begin = useAction(async () => {
    const begun = await ask<Redrive>('dead-letters/redrive', { method: 'POST', body: { filter, perSecond: rate } });
    onChange();
    onClose();
    return begun;
  });
  return (
    <Dialog
      title="Redrive dead letters"
      onClose={onClose}
      actions={
        <Button
          kind="main"
          needs="operate"
          isBusy={begin.isBusy}
          refused={
            !isRate
              ? 'The rate takes a whole number from 1 to 100,000.'
              : matched.count === undefined
                ? 'They are being counted.'
                : matched.count === 0
                  ? 'No dead letter matches.'
                  : undefined
          }
          onClick={() => void begin.run()}
        >
          Start
        </Button>
      }
    >
      <p>
        Dry run: <strong>{matched.count === undefined ? 'counting…' : plural(matched.count, 'dead letter')}</strong> of{' '}
        {inWords(filter)}. Each goes again to the group that gave it up, beside the live traffic.
      </p>
      <Input
        label="Most a second"
        type="number"
        min={1}
        max={100_000}
        value={perSecond}
        onChange={setPerSecond}
        hint={
          matched.count === undefined || !isRate
            ? undefined
            : `takes about ${duration(Math.max(1, matched.count / rate) * 1000)}`
        }
      />
      <Warnings of={matched.warnings ?? []} />
      <Problem error={matched.error ?? begin.error} />
    </Dialog>
  );
};
