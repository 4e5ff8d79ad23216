import { oneOf, type Shape } from './schema.js';

/** How something stands that takes a while, as a replay or a redrive. */
export const JobState = oneOf('running', 'paused', 'done', 'cancelled', 'stopped', 'failed');
export type JobState = Shape<typeof JobState>;
