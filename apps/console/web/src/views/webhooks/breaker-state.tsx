import type { EndpointView } from '@millrace/admin-api';
import { duration } from '../../ui/format.js';
import { Tag } from '../../ui/tag.js';
import { useNow } from '../../ui/time.js';

/** Whether an endpoint gets events now, in a word. */
export const BreakerState = ({ endpoint: { endpoint, state, warnings } }: { endpoint: EndpointView }) => {
  const now = useNow();
  if (state.offAt !== undefined) return <Tag tone="bad">disabled</Tag>;
  if (endpoint?.enabled === false) return <Tag>not enabled</Tag>;
  if (state.openUntil !== undefined && state.openUntil > now)
    return <Tag tone="warn">retrying in {duration(state.openUntil - now)}</Tag>;
  if (state.failingSince !== undefined) return <Tag tone="warn">failing</Tag>;
  if (warnings.length > 0) {
    return (
      <span title={warnings.join('\n')}>
        <Tag tone="bad">gets less than it seems</Tag>
      </span>
    );
  }
  return <Tag tone="good">healthy</Tag>;
};
