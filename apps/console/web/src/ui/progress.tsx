import { percent } from './format.js';

/** How much of something is done; `of` may be an estimate. */
export const Progress = ({ label, done, of }: { label: string; done: number; of: number }) => {
  const share = of === 0 ? 1 : Math.min(1, done / of);
  return (
    <span className="progress">
      <progress aria-label={label} value={share} max={1} />
      <span className="soft">{percent(share)}</span>
    </span>
  );
};
