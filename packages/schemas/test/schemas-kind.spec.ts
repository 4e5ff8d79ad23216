import { describeKind } from '@millrace/definitions/testing';
import { SCHEMAS } from '@millrace/schemas';
import * as testkit from '@millrace/testkit';

const MODES = ['off', 'warn', 'enforce'] as const;

describeKind(
  SCHEMAS,
  {
    of: (type, n) => ({ type, mode: MODES[n - 1] ?? 'off', versions: { '1': { type: 'object', maxProperties: n } } }),
    read: ({ mode }) => MODES.indexOf(mode) + 1,
    bad: (type) => ({ type, mode: 'warn', versions: { '1': 5 } }),
    pointer: '/versions/1',
  },
  testkit,
);
