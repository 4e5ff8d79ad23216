import type { EndpointView } from '../../api/types.js';
import { duration } from '../../ui/format.js';
import { Tag } from '../../ui/tag.js';
import { useNow } from '../../ui/time.js';

/** Whether an endpoint gets events now, in a word. */
export const BreakerState = ({ endpoint: { endpoint, state } }: { endpoint: EndpointView }) => {
  const now = useNow();
  if (state.offAt !== undefined) return <Tag tone="bad">off</Tag>;
  if (endpoint?.enabled === false) return <Tag>disabled</Tag>;
  if (state.openUntil !== undefined && state.openUntil > now)
    return <Tag tone="warn">open, {duration(state.openUntil - now)}</Tag>;
  if (state.failingSince !== undefined) return <Tag tone="warn">failing</Tag>;
  return <Tag tone="good">closed</Tag>;
};
