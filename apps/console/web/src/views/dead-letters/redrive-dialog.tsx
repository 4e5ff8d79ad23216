import type { Redrive } from '@millrace/admin-api';
import { useState } from 'react';
import { ask } from '../../api/client.js';
import { useAction } from '../../api/use-action.js';
import { Confirm } from '../../ui/dialog.js';
import { Input } from '../../ui/field.js';
import { plural } from '../../ui/format.js';
import { Warnings } from '../../ui/panel.js';
import { inWords } from './filter-query.js';
import type { LetterDialogProps } from './purge-dialog.js';
import { redriveOf } from './redrive-order.js';
import { useDryRun } from './use-dry-run.js';

/** Counts first, then sends all that fit again, at a rate. */
export const RedriveDialog = ({ filter, onClose, onChange }: LetterDialogProps) => {
  const [perSecond, setPerSecond] = useState('100');
  const matched = useDryRun('redrive', filter);
  const order = redriveOf(perSecond, matched.count);
  const begin = useAction(async () => {
    const begun = await ask<Redrive>('dead-letters/redrive', {
      method: 'POST',
      body: { filter, perSecond: order.perSecond },
    });
    onChange();
    onClose();
    return begun;
  });
  return (
    <Confirm
      title="Redrive dead letters"
      onClose={onClose}
      label="Start"
      action={begin}
      needs="operate"
      refused={order.refused}
      error={matched.error}
    >
      <p>
        Preview: <strong>{matched.count === undefined ? 'counting…' : plural(matched.count, 'dead letter')}</strong> of{' '}
        {inWords(filter)}. Each is sent to its own consumer group again, alongside live traffic.
      </p>
      <Input
        label="Max events/s"
        type="number"
        min={1}
        max={100_000}
        value={perSecond}
        onChange={setPerSecond}
        hint={order.takes}
      />
      <Warnings of={matched.warnings ?? []} />
    </Confirm>
  );
};
