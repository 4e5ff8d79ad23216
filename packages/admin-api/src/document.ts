import { AUDIT_PATHS } from './areas/audit.js';
import { DEAD_LETTER_PATHS } from './areas/dead-letters.js';
import { KEY_PATHS } from './areas/keys.js';
import { LAB_PATHS } from './areas/lab.js';
import { LOG_PATHS } from './areas/logs.js';
import { ME_PATHS } from './areas/me.js';
import { PARTITION_PATHS } from './areas/partitions.js';
import { PIPELINE_PATHS, Snapshot } from './areas/pipeline.js';
import { PUBLISH_PATHS } from './areas/publish.js';
import { REPLAY_PATHS } from './areas/replays.js';
import { ROUTE_PATHS } from './areas/routes.js';
import { SCHEMA_PATHS } from './areas/schemas.js';
import { SERIES_PATHS } from './areas/series.js';
import { SINK_PATHS } from './areas/sinks.js';
import { Dropped, TOPIC_PATHS } from './areas/topics.js';
import { TRACE_PATHS } from './areas/trace.js';
import { WEBHOOK_PATHS } from './areas/webhooks.js';
import { EVENT_PATHS } from './gateway/events.js';
import { MEASUREMENT_PATHS } from './gateway/measurements.js';
import { Trouble } from './operation.js';
import { type Json, namedIn, type Schema } from './schema.js';

const PATHS: Json = {
  ...ME_PATHS,
  ...TOPIC_PATHS,
  ...SINK_PATHS,
  ...PARTITION_PATHS,
  ...TRACE_PATHS,
  ...LOG_PATHS,
  ...REPLAY_PATHS,
  ...LAB_PATHS,
  ...ROUTE_PATHS,
  ...SCHEMA_PATHS,
  ...WEBHOOK_PATHS,
  ...KEY_PATHS,
  ...PIPELINE_PATHS,
  ...PUBLISH_PATHS,
  ...DEAD_LETTER_PATHS,
  ...AUDIT_PATHS,
  ...SERIES_PATHS,
};

/** A parameter of an operation. */
export interface DescribedParameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Json;
}

/** An operation of the document. */
export interface DescribedOperation {
  readonly operationId: string;
  readonly parameters?: readonly DescribedParameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Json }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Json }>> }>
  >;
}

/** An API as an OpenAPI 3.1 document. */
export interface ApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly description?: string; readonly version: string };
  readonly tags?: readonly { readonly name: string; readonly description: string }[];
  /** Operations by path and method: `/api/routes/{name}`, `put`. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Json>>;
    readonly securitySchemes: Readonly<Record<string, Json>>;
  };
}

/** A document; `sent` is among its schemas, though no operation refers to it. */
const documentOf = (
  { tags, ...info }: Omit<ApiDocument['info'], 'version'> & Pick<ApiDocument, 'tags'>,
  paths: Json,
  ...sent: readonly Schema[]
): ApiDocument => ({
  openapi: '3.1.0',
  info: { ...info, version: '1' },
  ...(tags === undefined ? {} : { tags }),
  paths: paths as ApiDocument['paths'],
  components: {
    schemas: namedIn([paths, ...sent]),
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer' },
      'api-key': { type: 'apiKey', in: 'header', name: 'X-API-Key' },
    },
  },
});

/** The admin API, which the console has; what it sends as server-sent events is among the schemas. */
export const ADMIN_API = documentOf({ title: 'Millrace admin API' }, PATHS, Snapshot, Dropped, Trouble);

/** The gateway's API, with the measurements API where it is on. */
export const gatewayApi = (hasMeasurements: boolean): ApiDocument =>
  documentOf(
    {
      title: 'Millrace gateway',
      description: 'Accepts events over HTTP.',
      tags: [
        { name: 'events', description: 'The pipeline' },
        { name: 'measurements', description: 'A sample stream with a worker, in keys of its own' },
      ],
    },
    { ...EVENT_PATHS, ...(hasMeasurements ? MEASUREMENT_PATHS : {}) },
  );
