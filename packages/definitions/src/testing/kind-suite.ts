import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeJson } from '@millrace/json';
import { Unavailable } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { DefinitionError, DefinitionMissing, VersionConflict } from '../errors.js';
import { called, type Kind, nameOf, pluralOf } from '../kind/kind.js';
import { parseFile } from '../kind/parse-all.js';
import { DefinitionStore } from '../store.js';
import { Audit } from '../versions/audit.js';
import { TestFile, Watched } from './watched.js';

/** Definitions of a kind for the suite. */
export interface KindSamples<D, W> {
  /** One of a name: a first, a second and a third one differ. */
  of(name: string, n: 1 | 2 | 3): W;
  /** Which of them it is. */
  read(definition: D): number;
  /** One of a name that cannot be used. */
  bad(name: string): object;
  /** Where in the bad one, as a JSON pointer, where its problem says so. */
  readonly pointer?: string;
}

/** What the suite takes of `@millrace/testkit`. */
export interface KindTestkit {
  startRedis(): Promise<{ readonly url: string; stop(): Promise<void> }>;
  readonly TcpProxy: {
    to(
      port: number,
    ): Promise<{ readonly port: number; refuse(): Promise<void>; accept(): Promise<void>; close(): Promise<void> }>;
  };
  waitFor(condition: () => boolean | Promise<boolean>, options: { readonly what: string }): Promise<unknown>;
}

const by = { who: 'anna' };

/** The contract of a kind of definitions, as tests. Every kind passes them all; what it does not have is left out. */
export const describeKind = <D extends object, W extends object>(
  kind: Kind<D, W>,
  { of, read, bad, pointer }: KindSamples<D, W>,
  { startRedis, TcpProxy, waitFor }: KindTestkit,
): void => {
  const plural = pluralOf(kind);
  const listOf = (...written: object[]): string => writeJson({ [kind.name]: written });

  describe(`${plural}: the contract of definitions`, () => {
    let redis: Awaited<ReturnType<KindTestkit['startRedis']>>;
    let proxy: Awaited<ReturnType<KindTestkit['TcpProxy']['to']>>;
    let transport: RedisTransport;
    let far: RedisTransport;
    let store: DefinitionStore<D, W>;
    let file: TestFile;
    let watched: Watched<D, W>;

    beforeEach(async () => {
      redis = await startRedis();
      proxy = await TcpProxy.to(Number(new URL(redis.url).port));
      transport = new RedisTransport({ url: redis.url });
      store = new DefinitionStore(transport, kind);
      file = new TestFile();
      // Whoever follows may lose Redis while others change it.
      far = new RedisTransport({ url: `redis://127.0.0.1:${proxy.port}` });
      watched = new Watched(
        { store: new DefinitionStore(far, kind), ...(kind.file === undefined ? {} : { file }) },
        read,
      );
    });
    afterEach(async () => {
      watched.follower.stop();
      await far.close();
      await transport.close();
      await proxy.close();
      await redis.stop();
    });

    /** Writes into Redis by hand, as a version of its own. */
    const spoil = async (name: string, text: string): Promise<void> => {
      const client = transport.connections.connect('test');
      await client.hset(transport.keys.control(kind.name), name, text);
      await client.incr(transport.keys.control(`${kind.name}:version`));
    };
    const inForceNow = async (): Promise<Record<string, number>> => {
      await watched.follower.look();
      return watched.inForce();
    };

    describe('in Redis', () => {
      it('are followed: put, changed and deleted', async () => {
        await store.put([of('a', 1), of('b', 1)], by);
        await watched.follower.start();
        expect(watched.inForce()).toEqual({ a: 1, b: 1 });
        await store.put([of('a', 2)], by);
        expect(await inForceNow()).toEqual({ a: 2, b: 1 });
        await store.delete('b', by);
        expect(await inForceNow()).toEqual({ a: 2 });
        expect(watched.said('info').at(-1)).toBe(`info 1 ${plural} from Redis, version 3`);
        await expect(store.delete('b', by)).rejects.toThrow(
          new DefinitionMissing(`${called(kind, 'b')} not found in Redis`),
        );
      });

      it('are read again by a timer, until the follower is stopped', async () => {
        await watched.follower.start();
        await store.put([of('a', 1)], by);
        await waitFor(() => watched.inForce()['a'] === 1, { what: 'the timer' });
        watched.follower.stop();
        // It looks later than the one that was stopped would have.
        const later = new Watched({ store: new DefinitionStore(transport, kind) }, read);
        await later.follower.start();
        await store.put([of('a', 2)], by);
        await waitFor(() => later.inForce()['a'] === 2, { what: 'the other follower to look' });
        later.follower.stop();
        expect(watched.inForce()).toEqual({ a: 1 });
      });

      it('that are not valid are reported, and leave the others alone', async () => {
        await store.put([of('a', 1), of('b', 1), of('c', 1)], by);
        await watched.follower.start();
        await spoil('a', writeJson(bad('a')));
        await spoil('b', '{');
        await spoil('new', writeJson(bad('new')));
        await store.put([of('c', 2)], by);
        expect(await inForceNow()).toEqual(kind.keepsLast ? { a: 1, b: 1, c: 2 } : { c: 2 });
        const start = (name: string) =>
          kind.keepsLast ? `error keeping the last valid ${called(kind, name)}: ` : 'error ';
        expect(watched.said(start('a'))).not.toEqual([]);
        expect(watched.said(start('b')).join('\n')).toContain(`Redis: ${called(kind, 'b')}: not JSON`);
        expect(watched.said('error')).toHaveLength(3);
        await store.put([of('a', 3)], by);
        expect(await inForceNow()).toMatchObject({ a: 3 });
        const { invalid } = await store.read();
        expect(invalid.map(({ name, error }) => [name, error.code]).toSorted()).toEqual([
          ['b', kind.code],
          ['new', kind.code],
        ]);
      });

      it('are refused with a code, a pointer and a sentence where they are not valid', async () => {
        const error = await Promise.resolve()
          .then(() => store.put([bad('a') as W], by))
          .catch((refused: unknown) => refused);
        expect(error).toBeInstanceOf(DefinitionError);
        expect(error).toMatchObject({ code: kind.code, pointer, message: expect.stringMatching(/.{10}/) });
        expect(await store.read()).toEqual({ version: 0, definitions: [], invalid: [] });
      });

      it('have several writers: no change is lost, and none overwrites a version that its author has not seen', async () => {
        const others = new DefinitionStore(far, kind);
        const names = ['a', 'b', 'c', 'd'];
        const versions = await Promise.all(names.map((name, i) => (i % 2 ? others : store).put([of(name, 1)], by)));
        expect(versions.toSorted()).toEqual([1, 2, 3, 4]);
        expect(
          Object.keys(Object.fromEntries((await store.read()).definitions.map((one) => [nameOf(kind, one), 1]))),
        ).toHaveLength(4);
        await store.put([of('a', 2)], { ...by, expected: 4 });
        await expect(others.put([of('a', 3)], { ...by, expected: 4 })).rejects.toThrow(VersionConflict);
      });

      it('have a record of each change and an entry in the audit, with its author; none where nothing changed', async () => {
        await store.put([of('a', 1)], by);
        await store.put([of('a', 1)], { who: 'bert' });
        await store.put([of('a', 2)], { who: 'carl' });
        await store.delete('a', by);
        const records = await store.records(10);
        expect(records.map(({ version, who, action }) => [version, who, action])).toEqual([
          [3, 'anna', 'delete'],
          [2, 'carl', 'put'],
          [1, 'anna', 'put'],
        ]);
        expect(records[1]?.changes).toEqual([
          { field: 'a', before: writeJson(of('a', 1)), after: writeJson(of('a', 2)) },
        ]);
        expect((await new Audit(transport).newest(10)).map(({ who, action, detail }) => [who, action, detail])).toEqual(
          [
            ['anna', `delete ${kind.name}`, { version: 3, changed: ['a'] }],
            ['carl', `put ${kind.name}`, { version: 2, changed: ['a'] }],
            ['anna', `put ${kind.name}`, { version: 1, changed: ['a'] }],
          ],
        );
      });

      it('are not live as drafts until these are promoted', async () => {
        await store.put([of('a', 1)], by);
        await watched.follower.start();
        await store.draft(of('a', 2));
        await store.draft(of('b', 2));
        expect(await inForceNow()).toEqual({ a: 1 });
        expect((await store.drafts()).get('a')).toEqual(of('a', 2));
        expect(await store.promote('a', by)).toBe(2);
        await store.dropDraft('b');
        expect(await inForceNow()).toEqual({ a: 2 });
        expect((await store.drafts()).size).toBe(0);
        await expect(store.promote('b', by)).rejects.toThrow(DefinitionMissing);
      });

      it('are rolled back only where their kind allows it', async () => {
        await store.put([of('a', 1)], by);
        await store.delete('a', by);
        await watched.follower.start();
        if (kind.rollsBack) await store.rollback(1, by);
        else await expect(store.rollback(1, by)).rejects.toThrow(VersionConflict);
        expect(await inForceNow()).toEqual(kind.rollsBack ? { a: 1 } : {});
      });
    });

    describe('while Redis is away', () => {
      it('are unknown at the start: callers get Unavailable until Redis is reachable', async () => {
        await store.put([of('a', 1)], by);
        await proxy.refuse();
        await watched.follower.start();
        expect(watched.follower.isComplete).toBe(false);
        expect(watched.inForce()).toEqual({});
        await expect(watched.follower.known()).rejects.toThrow(Unavailable);
        await proxy.accept();
        await waitFor(() => watched.follower.isComplete, { what: 'Redis to be asked' });
        await watched.follower.known();
        expect(watched.inForce()).toEqual({ a: 1 });
        expect(watched.said('error')).toEqual([]);
      });

      it('keep the last valid ones, and change once it is reachable', async () => {
        await store.put([of('a', 1)], by);
        await watched.follower.start();
        await proxy.refuse();
        await store.put([of('a', 2)], by);
        expect(await inForceNow()).toEqual({ a: 1 });
        await watched.follower.known();
        await proxy.accept();
        await waitFor(() => watched.inForce()['a'] === 2, { what: 'the change' });
        expect(watched.said('error')).toEqual([]);
      });
    });

    if (kind.file === undefined) return;
    describe('in a file', () => {
      it('take precedence over those in Redis of the same name, and report it', async () => {
        file.write(listOf(of('a', 1), of('b', 1)));
        await store.put([of('a', 2), of('c', 2)], by);
        await watched.follower.start();
        expect(watched.inForce()).toEqual({ a: 1, b: 1, c: 2 });
        expect(watched.said('warn')).toEqual([
          `warn ${called(kind, 'a')} is defined in ${kind.file} and in Redis; ${kind.file} takes precedence`,
        ]);
        file.write(listOf(of('b', 3)));
        expect(await inForceNow()).toEqual({ a: 2, b: 3, c: 2 });
      });

      it('are live while Redis is unreachable', async () => {
        await proxy.refuse();
        file.write(listOf(of('a', 1)));
        await watched.follower.start();
        expect(watched.inForce()).toEqual({ a: 1 });
        file.write(listOf(of('a', 2)));
        expect(await inForceNow()).toEqual({ a: 2 });
      });

      it('prevent the start where the file is not valid, with one sentence that names it', async () => {
        for (const text of ['[', 'nothing: 1', listOf(bad('a')), listOf(of('a', 1), of('a', 2))]) {
          file.write(text);
          await expect(watched.follower.start()).rejects.toThrow(/^[^\n]+$/);
          expect(() => parseFile(kind, text, 'the-file.yaml')).toThrow(DefinitionError);
        }
        expect(() => parseFile(kind, '[', 'the-file.yaml')).toThrow(/^the-file\.yaml: /);
      });

      it('keep the last valid ones where the file is not valid any more, and report that once; Redis is still followed', async () => {
        const errors = () => watched.said(`error keeping the last valid ${plural}: `);
        file.write(listOf(of('a', 1)));
        await watched.follower.start();
        file.write(listOf(bad('a')));
        await store.put([of('b', 1)], by);
        expect(await inForceNow()).toEqual({ a: 1, b: 1 });
        await watched.follower.look();
        expect(errors()).toHaveLength(1);
        file.write(listOf(of('a', 2)));
        expect(await inForceNow()).toEqual({ a: 2, b: 1 });
        file.remove();
        await watched.follower.look();
        await watched.follower.look();
        expect(watched.inForce()).toEqual({ a: 2, b: 1 });
        expect(errors()).toHaveLength(2);
        file.write(listOf(of('a', 3)));
        expect(await inForceNow()).toEqual({ a: 3, b: 1 });
        file.remove();
        await watched.follower.look();
        expect(errors()).toHaveLength(3);
      });
    });
  });
};
