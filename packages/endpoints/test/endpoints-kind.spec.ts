import { describeKind } from '@millrace/definitions/testing';
import { endpointsKind, withoutSecrets } from '@millrace/endpoints';
import * as testkit from '@millrace/testkit';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

describeKind(
  endpointsKind(),
  {
    of: (name, n) => ({ name, url: 'https://me:pass@example.com/', secret: SECRET, rate: n }),
    read: ({ perSecond = 0 }) => perSecond,
    bad: (name) => ({ name, url: 'ftp://example.com/' }),
    pointer: '/url',
  },
  testkit,
);

it('is shown without its secrets', () => {
  const written = {
    name: 'a',
    url: 'https://user1:pass1@example.com/?key=k1',
    secret: SECRET,
    headers: { token: 't1' },
  };
  const shown = JSON.stringify(withoutSecrets(written));
  expect(shown).toContain('example.com');
  for (const hidden of [SECRET, 'user1', 'pass1', 'k1', 't1']) expect(shown).not.toContain(hidden);
});
