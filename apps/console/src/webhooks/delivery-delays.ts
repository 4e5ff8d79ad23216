import type { EndpointView } from '@millrace/admin-api';

/** A sink says every ten seconds that it runs. */
const NO_HEARTBEAT_MS = 60_000;

/** Whether nobody is there to deliver, by when those who may were last seen. */
export const absenceOf = (seenAt: readonly number[]): string[] => {
  const last = Math.max(...seenAt);
  if (seenAt.length === 0) return ['No webhook sink is registered: deliveries are queued until one runs'];
  if (Date.now() - last < NO_HEARTBEAT_MS) return [];
  return [`No heartbeat of a webhook sink since ${new Date(last).toISOString()}: deliveries are queued until one runs`];
};

/** What in its own state keeps it waiting. */
export const delaysOf = ({ state, endpoint }: EndpointView): string[] => {
  if (state.offAt !== undefined) return ['The endpoint is disabled: deliveries are queued until it is enabled'];
  if (endpoint?.['enabled'] === false)
    return ['The endpoint has enabled: false: deliveries are queued until that changes'];
  const { openUntil = 0 } = state;
  return openUntil > Date.now()
    ? [`Retries are paused until ${new Date(openUntil).toISOString()}: deliveries are queued until then`]
    : [];
};
