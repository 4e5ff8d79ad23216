// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the file under test names variables in this form.
import { parseFile } from '@millrace/definitions';
import { endpointsKind } from '@millrace/endpoints';

const KEY = Buffer.alloc(24, 7);
const SECRET = `whsec_${KEY.toString('base64')}`;
const variables: Record<string, string> = { HOOK_SECRET: SECRET, SHORT: 'whsec_c2hvcnQ=' };
const kind = endpointsKind((name) => variables[name]);
const parse = (text: string) => parseFile(kind, text, 'e.yaml');
const parseOne = (lines: string) => parse(`endpoints:\n  - name: a\n    url: http://h/\n    ${lines}\n`);

describe('a file of endpoints', () => {
  it('is a list of endpoints with all that they may have', () => {
    const [endpoint] = parse(`
endpoints:
  - name: billing
    url: https://user:pass@billing.example/hooks?x=1
    secret: ${SECRET}
    topics: [orders, refunds]
    headers: { X-Team: payments }
    timeout: 10s
`);
    expect(endpoint).toMatchObject({
      name: 'billing',
      keys: [KEY],
      headers: { 'x-team': 'payments' },
    });
    expect(endpoint?.url.href).toBe('https://user:pass@billing.example/hooks?x=1');
    expect(endpoint?.topics).toEqual(new Set(['orders', 'refunds']));
  });

  it('needs no more than name and url', () => {
    const [endpoint] = parse('endpoints: [{ name: a, url: "http://h" }]');
    expect(endpoint).toMatchObject({ keys: [], topics: '*', headers: {}, timeoutMs: undefined });
  });

  it('may be empty', () => {
    expect(parse('endpoints: []')).toEqual([]);
  });

  it('may name a variable as secret', () => {
    expect(parseOne('secret: ${HOOK_SECRET}')[0]?.keys).toEqual([KEY]);
  });

  it('takes "*" among topics as all of them', () => {
    expect(parseOne('topics: ["*", orders]')[0]?.topics).toBe('*');
  });

  it.each([
    ['', 'e.yaml: a file of endpoints has a list under "endpoints"'],
    ['endpoints: {}', 'e.yaml: a file of endpoints has a list under "endpoints"'],
    ['endpoints: [a', /^e\.yaml: .*flow sequence/i],
    ['endpoints: [7]', 'e.yaml: endpoint 1: an endpoint is an object with name and url'],
    ['endpoints: [{ url: "http://h" }]', /^e\.yaml: endpoint 1: name must be 1 to .* letters.*, got nothing/],
    [
      'endpoints: [{ name: "a b", url: "http://h" }]',
      /^e\.yaml: endpoint 1: name must be 1 to .* letters.*, got "a b"/,
    ],
    [`endpoints: [{ name: "${'a'.repeat(124)}", url: "http://h" }]`, /name must be 1 to 123 letters/],
    ['endpoints: [{ name: a }]', 'e.yaml: endpoint "a": url must be http://… or https://…, got nothing'],
    [
      'endpoints: [{ name: a, url: "ftp://u:pw@h" }]',
      'e.yaml: endpoint "a": url must be http://… or https://…, got an invalid URL',
    ],
    [
      'endpoints: [{ name: a, url: "http://h" }, { name: a, url: "http://i" }]',
      'e.yaml: there are two endpoints named "a"',
    ],
  ])('refuses %j', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  it.each([
    [
      'colour: red',
      'e.yaml: endpoint "a": "colour" is unknown; an endpoint has name, url, secret, signed, topics, pattern, format, headers, timeout, rate, enabled',
    ],
    ['secret: 7', /endpoint "a": secret must be whsec_ .*, got 7/],
    [
      'secret: geheim',
      /endpoint "a": secret must be whsec_ followed by the base64 of 24 to 64 bytes .*, got a value that is not shown/,
    ],
    ['secret: whsec_c2hvcnQ=', /secret must be .*, got a value that is not shown/],
    [`secret: ${SECRET}!`, /secret must be .*, got a value that is not shown/],
    ['secret: ${NOWHERE}', 'e.yaml: endpoint "a": secret: the environment variable NOWHERE is not set'],
    ['secret: ${SHORT}', /secret: the environment variable SHORT must be whsec_ .*, got a value that is not shown/],
    ['topics: []', /topics must be a list of topic names, or "\*", got \[\]/],
    ['topics: ["a b"]', /topic must be a name .*, got "a b"/],
    ['timeout: 10', /timeout must be a duration like 500ms, 10s or 1m, at most 5m, got 10/],
    ['timeout: 0s', /timeout must be a duration .*, got "0s"/],
    ['timeout: 1h', /timeout must be a duration .*, got "1h"/],
    ['headers: [x]', /headers must be an object/],
    ['headers: { "x y": z }', /header "x y" is not a valid header name/],
    ['headers: { x: 1 }', /header "x" must be a string of one line/],
    ['headers: { x: "a\\r\\nb: c" }', /header "x" must be a string of one line/],
    ['headers: { Webhook-Signature: x }', /header "Webhook-Signature" is set by the sink/],
    ['headers: { Content-Length: "1" }', /header "Content-Length" is set by the sink/],
  ])('refuses an endpoint with %s', (lines, message) => {
    expect(() => parseOne(lines)).toThrow(message);
  });

  it.each([
    ['secret: geheimgeheim'],
    ['headers: { authorization: "geheimgeheim\\n" }'],
    ['secret: "geheimgeheim\n   x: ['],
    ['url: ftp://geheimgeheim'],
  ])('does not tell a secret of %j', (lines) => {
    expect(() => parseOne(lines)).toThrow(expect.not.objectContaining({ message: expect.stringContaining('geheim') }));
  });
});
