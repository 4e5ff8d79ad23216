export type { AuditEntry, AuditPage } from './areas/audit.js';
export type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterGroup,
  DeadLetterGroups,
  DeadLetterPage,
  Purged,
  PurgePreview,
  Redrive,
  RedriveList,
  Redriven,
  RedrivePreview,
} from './areas/dead-letters.js';
export type { ApiKey, ApiKeyList, MadeApiKey } from './areas/keys.js';
export type { Lab, LabList, TrimmedLab } from './areas/lab.js';
export type { ChangedLogLevel, LogLevel, LogLevelList } from './areas/logs.js';
export type { Me, Role } from './areas/me.js';
export type { Partitions, RaisedPartitions } from './areas/partitions.js';
export type { Finding, FindingList, Snapshot, Summary } from './areas/pipeline.js';
export type { ChangedReplay, DryRun, Replay, ReplayList } from './areas/replays.js';
export type {
  Explanation,
  Leaf,
  PatternVerdict,
  Route,
  RouteChange,
  RouteDiff,
  RouteHistory,
  RouteList,
  RouteVersion,
  RouteView,
  ShadowReport,
} from './areas/routes.js';
export type { SchemaHistory, SchemaList, SchemaVerdict, SchemaVersion, TypeSchemas } from './areas/schemas.js';
export type { Series, SeriesLabels, SeriesPoints } from './areas/series.js';
export type { ChangedSink, Sink, SinkList } from './areas/sinks.js';
export type {
  EventPage,
  Page,
  StoredEvent,
  StoredEventDetail,
  Stream,
  StreamGroup,
  TopicDetail,
  TopicList,
} from './areas/topics.js';
export type {
  DeliveryTrace,
  LetterRef,
  Rerouting,
  Trace,
  TraceAttempt,
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
  Resent,
  RotatedEndpoint,
  SavedEndpoint,
  TestEvent,
  WrittenEndpoint,
} from './areas/webhooks.js';
export { ADMIN_API, type AdminApiDocument, type DescribedOperation } from './document.js';
export type { JobState } from './job-state.js';
export type { AtVersion } from './operation.js';
export type { Problem } from './problem.js';
export type { Json } from './schema.js';
