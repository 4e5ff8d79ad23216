import { type ReactNode, useEffect, useId, useRef } from 'react';

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
