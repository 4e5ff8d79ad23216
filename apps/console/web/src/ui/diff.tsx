import { lineDiff } from './line-diff.js';

const SIGNS = { same: ' ', less: '−', more: '+' } as const;
const WORDS = { same: '', less: 'removed: ', more: 'added: ' } as const;

/** What changes from one text to another. */
export const Diff = ({ before, after }: { before: string; after: string }) => {
  const lines = lineDiff(before, after);
  if (lines.every(({ kind }) => kind === 'same')) return <p className="soft">No changes.</p>;
  return (
    <ol className="code diff">
      {lines.map(({ kind, text }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name, and are drawn anew together
        <li key={i} className={kind}>
          <span aria-hidden="true">{SIGNS[kind]}</span>
          <span className="unseen">{WORDS[kind]}</span>
          {text}
        </li>
      ))}
    </ol>
  );
};
