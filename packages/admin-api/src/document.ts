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
import { TOPIC_PATHS } from './areas/topics.js';
import { TRACE_PATHS } from './areas/trace.js';
import { WEBHOOK_PATHS } from './areas/webhooks.js';
import { type Json, namedIn } from './schema.js';

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
  readonly in: 'query' | 'path';
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

/** The admin API as an OpenAPI 3.1 document. */
export interface AdminApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  /** Operations by path and method: `/api/routes/{name}`, `put`. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Json>>;
    readonly securitySchemes: Readonly<Record<string, Json>>;
  };
}

/** The document. What is sent as server-sent events is among its schemas, though OpenAPI has no place that refers to it. */
export const ADMIN_API: AdminApiDocument = {
  openapi: '3.1.0',
  info: { title: 'Millrace admin API', version: '1' },
  paths: PATHS as AdminApiDocument['paths'],
  components: {
    schemas: namedIn([PATHS, Snapshot]),
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer' },
      'api-key': { type: 'apiKey', in: 'header', name: 'X-API-Key' },
    },
  },
};
