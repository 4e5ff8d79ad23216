import { describeKind } from '@millrace/definitions/testing';
import { endpointsKind } from '@millrace/endpoints';
import * as testkit from '@millrace/testkit';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

describeKind(
  endpointsKind(),
  {
    of: (name, n) => ({ name, url: 'https://me:pass@example.com/', secret: SECRET, rate: n }),
    read: ({ perSecond = 0 }) => perSecond,
    bad: (name) => ({ name, url: 'ftp://example.com/' }),
    pointer: '/url',
    secret: SECRET,
  },
  testkit,
);
