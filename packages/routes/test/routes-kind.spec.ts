import { describeKind } from '@millrace/definitions/testing';
import { ROUTES } from '@millrace/routes';
import * as testkit from '@millrace/testkit';

describeKind(
  ROUTES,
  {
    of: (name, n) => ({ name, pattern: { type: ['t'] }, topics: [`topic${n}`] }),
    read: ({ topics: [topic = ''] }) => Number(topic.slice('topic'.length)),
    bad: (name) => ({ name, pattern: { type: ['t'] }, topics: [] }),
    pointer: '/topics',
  },
  testkit,
);
