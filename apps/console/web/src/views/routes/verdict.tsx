import type { Explanation } from '@millrace/admin-api';
import { plural } from '../../ui/format.js';
import { Leaves } from '../../ui/leaves.js';

/** Why a pattern matches, or does not: each leaf, and what it saw. */
export const Why = ({ why }: { why: Explanation }) => (
  <div className="stack tight">
    {why.alternatives.map((alternative, i) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: alternatives have no other name
      <div key={i} className="stack tight">
        {why.alternatives.length > 1 ? (
          <h3>
            Alternative {i + 1} {alternative.matched ? 'matches' : 'does not match'}
          </h3>
        ) : null}
        <Leaves leaves={alternative.leaves} />
        {alternative.inDifferentElements ? (
          <p className="warn">Every leaf passes, but only in different elements of one array.</p>
        ) : null}
      </div>
    ))}
    {why.leftOut === undefined ? null : <p className="soft">{plural(why.leftOut, 'more alternative')}, not shown.</p>}
  </div>
);
