import type { EndpointView } from '@millrace/admin-api';
import { Tag } from '../../ui/tag.js';
import { useNow } from '../../ui/time.js';
import { breakerOf } from './breaker.js';

/** Whether an endpoint gets events now, in a word. */
export const BreakerState = ({ endpoint }: { endpoint: EndpointView }) => {
  const { word, tone, why } = breakerOf(endpoint, useNow());
  return (
    <span title={why}>
      <Tag tone={tone}>{word}</Tag>
    </span>
  );
};
