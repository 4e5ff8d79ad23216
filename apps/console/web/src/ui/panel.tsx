import type { ReactNode } from 'react';
import { useId } from 'react';

interface PanelProps {
  readonly title: string;
  /** Beside the title, in a few words. */
  readonly note?: ReactNode;
  /** What can be done, at the right. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** Without inner space: for tables and lists. */
  readonly isBare?: boolean;
}

export const Panel = ({ title, note, actions, children, isBare = false }: PanelProps) => {
  const id = useId();
  return (
    <section className="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {note === undefined ? null : <span className="soft">{note}</span>}
        {actions === undefined ? null : <div className="row">{actions}</div>}
      </header>
      <div className={isBare ? 'bare' : 'inner'}>{children}</div>
    </section>
  );
};

/** The title of a view and what it is for. */
export const Head = ({ title, children, actions }: { title: ReactNode; children?: ReactNode; actions?: ReactNode }) => (
  <div className="head">
    <h1>{title}</h1>
    {children === undefined ? null : <p>{children}</p>}
    {actions === undefined ? null : <div className="row">{actions}</div>}
  </div>
);

/** What a view says where there is nothing: why, and what to do. */
export const Empty = ({ title, children }: { title: string; children?: ReactNode }) => (
  <div className="empty">
    <p>
      <strong>{title}</strong>
    </p>
    {children === undefined ? null : <div className="soft">{children}</div>}
  </div>
);

/** An error, in a sentence, where it belongs. */
export const Problem = ({ error, onRetry }: { error: Error | undefined; onRetry?: (() => void) | undefined }) =>
  error === undefined ? null : (
    <div className="problem" role="alert">
      <span className="wrap">{error.message}</span>
      {onRetry === undefined ? null : (
        <button type="button" className="button quiet" onClick={onRetry}>
          Retry
        </button>
      )}
    </div>
  );

/** What went well, said to everybody. */
export const Said = ({ children }: { children: ReactNode }) => (
  <p className="said" role="status">
    {children}
  </p>
);

/** What is still to come, unless asking for it failed. */
export const Loading = ({ what, unless }: { what: string; unless?: Error | undefined }) =>
  unless === undefined ? (
    <p className="loading soft" role="status">
      Loading {what}…
    </p>
  ) : null;

/** What somebody should know before they go on, each a sentence. */
export const Warnings = ({ of }: { of: readonly string[] }) =>
  of.length === 0 ? null : (
    <ul className="warn" aria-label="Warnings">
      {of.map((one) => (
        <li key={one}>{one}</li>
      ))}
    </ul>
  );
