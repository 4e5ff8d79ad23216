import type { Kind } from '@millrace/definitions';
import type { Endpoint, WrittenEndpoint } from './endpoint.js';
import { parseEndpoint } from './parse-endpoint.js';
import type { VariableReader } from './parse-keys.js';

/**
 * Webhook endpoints: the webhook sinks follow them. Their secrets are written out in Redis; in a file they may be `${NAME}`, which `variable`
 * reads: whoever may write to Redis has no say in which variables of a process are read.
 */
export const endpointsKind = (variable?: VariableReader): Kind<Endpoint, WrittenEndpoint> => ({
  name: 'endpoints',
  noun: 'endpoint',
  key: 'name',
  code: 'bad-endpoint',
  file: 'ENDPOINTS_FILE',
  keepsLast: true,
  rollsBack: true,
  parse: (written, { source, place, from }) =>
    parseEndpoint(written, {
      source,
      place,
      ...(variable === undefined || from !== 'file' ? {} : { variable }),
    }),
});
