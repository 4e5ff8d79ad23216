import { type ReactNode, useEffect, useId, useRef } from 'react';
import type { Action } from '../api/use-action.js';
import { Button, type ButtonProps } from './button.js';
import { Problem } from './panel.js';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly actions?: ReactNode;
}

/** Asks before something is done; Escape leaves it. The browser keeps the focus inside and gives it back. */
export const Dialog = ({ title, onClose, children, actions }: DialogProps) => {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={box}
      className="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={id}>{title}</h2>
      <div className="stack">{children}</div>
      <div className="row actions">
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
        {actions}
      </div>
    </dialog>
  );
};

interface ConfirmProps extends Omit<DialogProps, 'actions'>, Pick<ButtonProps, 'kind' | 'needs' | 'refused'> {
  /** What is done, in a word or two; nothing where it is done. */
  readonly label: string | undefined;
  readonly action: Pick<Action<[], unknown>, 'run' | 'isBusy' | 'error'>;
  /** What went wrong before it could be done. */
  readonly error?: Error | undefined;
}

/** A dialog with the button that does it, and what went wrong. */
export const Confirm = ({ title, onClose, children, label, action, error, kind = 'main', ...button }: ConfirmProps) => (
  <Dialog
    title={title}
    onClose={onClose}
    actions={
      label === undefined ? null : (
        <Button {...button} kind={kind} isBusy={action.isBusy} onClick={() => void action.run()}>
          {label}
        </Button>
      )
    }
  >
    {children}
    <Problem error={error ?? action.error} />
  </Dialog>
);
