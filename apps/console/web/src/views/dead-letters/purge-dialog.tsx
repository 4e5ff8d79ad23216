import type { DeadLetterFilter, Purged } from '@millrace/admin-api';
import { useState } from 'react';
import { ask } from '../../api/client.js';
import { useAction } from '../../api/use-action.js';
import { Confirm } from '../../ui/dialog.js';
import { Input } from '../../ui/field.js';
import { plural } from '../../ui/format.js';
import { Said } from '../../ui/panel.js';
import { inWords } from './filter-query.js';
import { useDryRun } from './use-dry-run.js';

export interface LetterDialogProps {
  readonly filter: DeadLetterFilter;
  readonly onClose: () => void;
  readonly onChange: () => void;
}

/** Deletes dead letters, once the word was typed. */
export const PurgeDialog = ({ filter, onClose, onChange }: LetterDialogProps) => {
  const [word, setWord] = useState('');
  const matched = useDryRun('purge', filter);
  const purge = useAction(async () => {
    const { purged } = await ask<Purged>('dead-letters/purge', { method: 'POST', body: { filter } });
    onChange();
    return purged;
  });
  const isDone = purge.result !== undefined;
  return (
    <Confirm
      title="Purge dead letters"
      onClose={onClose}
      label={isDone ? undefined : 'Delete permanently'}
      action={purge}
      kind="danger"
      needs="operate"
      refused={word === 'purge' ? undefined : 'Type “purge” first.'}
      error={matched.error}
    >
      {isDone ? (
        <Said>{plural(purge.result ?? 0, 'dead letter')} deleted.</Said>
      ) : (
        <>
          <p>
            <strong>{matched.count === undefined ? 'Counting…' : plural(matched.count, 'dead letter')}</strong> of{' '}
            {inWords(filter)} will be deleted. This cannot be undone; the audit log records only how many were deleted.
          </p>
          <Input label="Type “purge” to confirm" value={word} onChange={setWord} />
        </>
      )}
    </Confirm>
  );
};
