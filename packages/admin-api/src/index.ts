export type { AuditEntry, AuditPage } from './areas/audit.js';
export type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterGroup,
  DeadLetterGroups,
  DeadLetterPage,
  DeadLetterQuery,
  Purged,
  PurgeOrder,
  PurgePreview,
  Redrive,
  RedriveList,
  Redriven,
  RedriveOrder,
  RedrivePreview,
  Replacement,
} from './areas/dead-letters.js';
export type { ApiKey, ApiKeyList, KeyRotation, MadeApiKey, NewApiKey } from './areas/keys.js';
export type { Lab, LabClaim, LabConsumers, LabCrash, LabEvents, LabList, LabTrim, TrimmedLab } from './areas/lab.js';
export type { ChangedLogLevel, LogLevel, LogLevelList, LogOrder } from './areas/logs.js';
export type { Me, Role } from './areas/me.js';
export type { Partitions, RaisedPartitions, RaiseOrder } from './areas/partitions.js';
export type { Finding, FindingList, Snapshot, Summary } from './areas/pipeline.js';
export type { ChangedReplay, DryRun, Replay, ReplayList, ReplayOrder } from './areas/replays.js';
export type {
  DiffQuery,
  Explanation,
  Leaf,
  PatternTest,
  PatternVerdict,
  Rollback,
  Route,
  RouteChange,
  RouteDiff,
  RouteHistory,
  RouteList,
  RouteVersion,
  RouteView,
  ShadowOrder,
  ShadowReport,
  WrittenRoutes,
} from './areas/routes.js';
export type {
  SchemaHistory,
  SchemaList,
  SchemaSettings,
  SchemaTest,
  SchemaVerdict,
  SchemaVersion,
  TypeSchemas,
} from './areas/schemas.js';
export type { Series, SeriesLabels, SeriesPoints, SeriesQuery } from './areas/series.js';
export type { ChangedSink, ForgetQuery, Sink, SinkList } from './areas/sinks.js';
export type {
  Dropped,
  EventPage,
  EventQuery,
  EventsQuery,
  Page,
  StoredEvent,
  StoredEventDetail,
  Stream,
  StreamGroup,
  TailQuery,
  TopicDetail,
  TopicList,
} from './areas/topics.js';
export type {
  DeliveryTrace,
  LetterRef,
  Rerouting,
  Trace,
  TraceAttempt,
  TraceOrder,
  TraceQuery,
  TraceRoute,
  TraceSetting,
  TraceSink,
  TraceState,
  TraceTopic,
} from './areas/trace.js';
export type {
  DisabledEndpoint,
  EnabledEndpoint,
  EndpointAttempt,
  EndpointAttemptList,
  EndpointList,
  EndpointView,
  ResendOrder,
  Resent,
  RotatedEndpoint,
  SavedEndpoint,
  SecretRotation,
  TestEvent,
  WrittenEndpoint,
} from './areas/webhooks.js';
export {
  ADMIN_API,
  type ApiDocument,
  type DescribedOperation,
  type DescribedParameter,
  gatewayApi,
} from './document.js';
export type { EventResult, PublishAnswer, PublishProblem, PublishRefusal } from './gateway/events.js';
export type {
  AppendedIngest,
  IngestEntry,
  IngestSummary,
  Measurement,
  ProcessedIngest,
} from './gateway/measurements.js';
export type { JobState } from './job-state.js';
export type { AtVersion, ChangeQuery, HistoryQuery, ListQuery, NewestQuery, Trouble } from './operation.js';
export type { Problem } from './problem.js';
export { type Json, REFUSED_WITH } from './schema.js';
