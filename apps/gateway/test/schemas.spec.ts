import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SchemaStore } from '@millrace/schemas';
import { type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { startGateway, type TestGateway } from './gateway.js';

const BATCH = { 'content-type': 'application/cloudevents-batch+json' };
const SCHEMA = { type: 'object', required: ['amount'], properties: { amount: { type: 'number', minimum: 0 } } };
const by = { who: 'test' };
const order = (id: string, data: unknown, more: object = {}) => ({
  specversion: '1.0',
  id,
  source: '/s',
  type: 'order',
  data,
  ...more,
});

let redis: RedisServer;
let gateway: TestGateway;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
afterEach(() => gateway.close());

describe('schemas in Redis', () => {
  let store: SchemaStore;

  beforeEach(async () => {
    gateway = await startGateway(redis.url);
    store = new SchemaStore(gateway.transport);
  });

  /** Posts until the gateway has seen a change. */
  const until = (status: number, event: object) =>
    waitFor(async () => (await gateway.post([event], BATCH)).status === status, {
      what: `a ${status}`,
    });

  it('refuse what they do not allow with a 422 that says where, and nothing else of a batch', async () => {
    await store.save('order', '1', SCHEMA, by);
    await store.set('order', { mode: 'enforce' }, by);
    await until(422, order('probe', { amount: 'x' }));
    const { status, body } = await gateway.post([order('1', { amount: -5 }), order('2', { amount: 5 })], BATCH);
    expect(status).toBe(202);
    expect(body).toMatchObject({ accepted: 1, rejected: 1 });
    expect(body.results[0]).toMatchObject({
      id: '1',
      status: 'rejected',
      error: {
        status: 422,
        type: 'urn:millrace:problem:schema-violation',
        pointer: '/data/amount',
        detail: '/data/amount must be >= 0, by the schema of "order", version 1',
      },
    });
    expect((await gateway.appended()).map(({ id }) => id).filter((id) => id !== 'probe')).toEqual(['2']);
    const single = await gateway.post(order('3', {}), { 'content-type': 'application/cloudevents+json' });
    expect(single).toMatchObject({ status: 422, body: { pointer: '/data' } });
    expect((await gateway.post({ ...order('4', {}), type: 'other' })).status).toBe(202);
  });

  it('have a budget: what takes too many steps is a 422 that says so, and its neighbours are accepted', async () => {
    const node = { properties: { next: { $ref: '#/$defs/node' } } };
    await store.save('order', '1', { $defs: { node: { oneOf: [node, node] } }, $ref: '#/$defs/node' }, by);
    await store.set('order', { mode: 'enforce' }, by);
    await until(422, order('probe', {}));
    // Each level has two ways: without a budget they are 2^40.
    const deep = Array.from({ length: 40 }).reduce<object>((next) => ({ next }), {});
    const { status, body } = await gateway.post([order('1', deep), order('2', { next: 5 }, { type: 'other' })], BATCH);
    expect(status).toBe(202);
    expect(body).toMatchObject({ accepted: 1, rejected: 1 });
    expect(body.results[0].error).toMatchObject({
      status: 422,
      detail: '/data cannot be checked by the schema of "order", version 1: validation exceeds the step limit',
    });
  });

  it('that can never be cheap are refused when they are saved', async () => {
    await expect(store.save('order', '1', { $ref: '#' }, by)).rejects.toThrow(
      /version 1 would take too long: null cannot/,
    );
    const large = { anyOf: Array.from({ length: 1001 }, (_, n) => ({ const: n })) };
    await expect(store.save('order', '1', large, by)).rejects.toThrow(
      /has 1003 schemas and values in it; the limit is 1000/,
    );
    expect((await store.written()).definitions).toEqual([]);
  });

  it('only warn, count and let through where they are to warn, and do nothing where they are off', async () => {
    await store.save('order', '1', SCHEMA, by);
    const violations = async () => (await gateway.get('/metrics')).body as string;
    let n = 0;
    await waitFor(
      async () => {
        expect((await gateway.post(order(`w${n++}`, {}))).status).toBe(202);
        return (await violations()).includes('millrace_schema_violations_total{type="order",mode="warn"}');
      },
      { what: 'a violation to be counted' },
    );
    await store.set('order', { mode: 'enforce' }, by);
    await until(422, order('probe', {}));
    await store.set('order', { mode: 'off' }, by);
    await until(202, order('probe', {}));
  });

  it('have versions, chosen by dataschema', async () => {
    await store.save('order', '1', SCHEMA, by);
    await store.save('order', '2', { ...SCHEMA, required: ['amount', 'currency'] }, by);
    await store.set('order', { mode: 'enforce' }, by);
    await until(422, order('probe', { amount: 1 }));
    const asOf = (version: string) => ({ dataschema: `https://example.com/order/${version}` });
    expect((await gateway.post([order('1', { amount: 1 }, asOf('1'))], BATCH)).status).toBe(202);
    expect((await gateway.post([order('2', { amount: 1 }, asOf('2'))], BATCH)).status).toBe(422);
    expect((await gateway.post([order('3', { amount: 1 }, asOf('3'))], BATCH)).body).toMatchObject({
      status: 422,
      pointer: '/dataschema',
      detail: expect.stringMatching(/has the versions 1, 2$/),
    });
  });
});

describe('schemas in a file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-schemas-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('are in force from the first request on, and stay where the file goes bad', async () => {
    const SCHEMAS_FILE = join(folder, 'schemas.yaml');
    await writeFile(SCHEMAS_FILE, JSON.stringify({ schemas: [{ type: 'order', versions: { '1': SCHEMA } }] }));
    gateway = await startGateway(redis.url, { SCHEMAS_FILE });
    expect((await gateway.post([order('1', {})], BATCH)).status).toBe(422);
    await writeFile(SCHEMAS_FILE, 'schemas: [ broken');
    await new SchemaStore(gateway.transport).save('later', '1', false, by);
    await waitFor(async () => (await gateway.post([{ ...order('2', {}), type: 'later' }], BATCH)).status === 202, {
      what: 'a later look',
    });
    expect((await gateway.post([order('3', {})], BATCH)).status).toBe(422);
  });

  it('that are none keep the gateway from starting', async () => {
    const SCHEMAS_FILE = join(folder, 'schemas.yaml');
    await writeFile(SCHEMAS_FILE, 'schemas: [{ type: order, versions: { "1": 5 } }]');
    await expect(startGateway(redis.url, { SCHEMAS_FILE })).rejects.toThrow(/version 1 must be a JSON Schema, got 5/);
    gateway = await startGateway(redis.url);
  });
});
