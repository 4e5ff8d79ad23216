import { API_KEYS } from '@millrace/api-keys';
import { describeKind } from '@millrace/definitions/testing';
import * as testkit from '@millrace/testkit';

const HASH = 'ab'.repeat(32);

describeKind(
  API_KEYS,
  {
    of: (name, n) => ({
      id: `id-of-${name}`,
      name,
      scopes: ['read' as const],
      createdAt: n,
      createdBy: 'test',
      secrets: [{ hash: HASH, madeAt: n }],
    }),
    read: ({ createdAt }) => createdAt,
    bad: (name) => ({ id: 'i', name, scopes: ['root'], createdAt: 1, createdBy: '', secrets: [] }),
  },
  testkit,
);
