import type { Leaf } from '@millrace/admin-api';
import { writeJson } from '@millrace/json';
import { Tag } from './tag.js';

const shown = (seen: readonly unknown[]): string =>
  seen.length === 0 ? 'no value' : seen.map((value) => writeJson(value)).join(', ');

/** What each leaf of a pattern accepts, and what it saw in the event. */
export const Leaves = ({ leaves }: { leaves: readonly Leaf[] }) => (
  <ul className="leaves">
    {leaves.map(({ path, accepts, passed, seen }) => (
      <li key={`${path} ${accepts}`}>
        <Tag tone={passed ? 'good' : 'bad'}>{passed ? 'passed' : 'failed'}</Tag>
        <span className="mono wrap">
          {path} <span className="soft">expected</span> {accepts}
        </span>
        <span className="mono wrap">
          <span className="soft">got</span> {shown(seen)}
        </span>
      </li>
    ))}
  </ul>
);
