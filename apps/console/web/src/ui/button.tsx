import type { Role } from '@millrace/admin-api';
import { type ReactNode, useId } from 'react';
import { useRefusal } from '../api/me.js';

export interface ButtonProps {
  readonly children: ReactNode;
  readonly onClick?: (() => void) | undefined;
  readonly kind?: 'plain' | 'main' | 'danger' | 'quiet';
  readonly type?: 'button' | 'submit';
  /** The role that it takes; whoever has less sees why it does nothing. */
  readonly needs?: Role;
  /** Why it does nothing now, in a sentence. */
  readonly refused?: string | undefined;
  readonly isBusy?: boolean;
  readonly label?: string;
  readonly pressed?: boolean;
}

/** What may not be pressed stays in the order of the keyboard, so that everybody can hear why. */
export const Button = ({
  children,
  onClick,
  kind = 'plain',
  type = 'button',
  needs = 'read',
  ...more
}: ButtonProps) => {
  const { refused, isBusy = false, label, pressed } = more;
  const why = useRefusal(needs) ?? refused;
  const reason = useId();
  const isOff = why !== undefined || isBusy;
  return (
    <>
      <button
        type={type}
        className={`button ${kind}`}
        aria-disabled={isOff || undefined}
        aria-busy={isBusy || undefined}
        aria-describedby={why === undefined ? undefined : reason}
        aria-label={label}
        aria-pressed={pressed}
        title={why ?? label}
        onClick={(event) => {
          if (isOff) event.preventDefault();
          else onClick?.();
        }}
      >
        {children}
      </button>
      {why === undefined ? null : (
        <span id={reason} hidden>
          {why}
        </span>
      )}
    </>
  );
};
