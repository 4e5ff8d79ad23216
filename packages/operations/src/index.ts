export type { Settings } from './control/settings.js';
export {
  type DeadLetterRange,
  type DeadLetters,
  hasPayload,
  type Redrive,
  type RedriveCounts,
  type RedrivePart,
  type RedriveStep,
  type StoredDeadLetter,
  sizeOf,
} from './dead-letters/dead-letters.js';
export type { GroupPart, LeftoverBounds, Leftovers, Shortened } from './dead-letters/leftovers.js';
export { OPERATIONS_FUNCTIONS } from './functions/operations-library.js';
export type { Jobs, StoredJob } from './jobs/jobs.js';
export type { Replayer, ReplayPart, ReplayProgress, ReplayStep } from './jobs/replayer.js';
export { type AbsentGroup, type AbsentGroups, absentFinding } from './observe/absent-groups.js';
export type { GoneConsumer, GroupDoctor, Tidied } from './observe/group-doctor.js';
export type { ConsumerState, GroupOn, Observations, PartitionCounts, PendingEntry } from './observe/observations.js';
export type { Traces } from './observe/traces.js';
export { Operations } from './operations.js';
export { MOST_PARTITIONS, type Raised, RaiseRefused, type Raiser } from './partitions/raiser.js';
