import type { RouteChange, RouteVersion, RouteView } from '@millrace/admin-api';
import {
  type ChangeAuthor,
  type Invalid,
  type RecordedChange,
  VersionConflict,
  withPrecedence,
  writtenIn,
} from '@millrace/definitions';
import { writeJson } from '@millrace/json';
import { Operations } from '@millrace/operations';
import {
  Decisions,
  parseRoute,
  ROUTES,
  type Route,
  RouteError,
  RouteStore,
  RouteTable,
  type WrittenRoute,
} from '@millrace/routes';
import { RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { asProblem, conflict, missing, problemIn } from '../contract/problems.js';

interface AllRoutes {
  readonly version: number;
  readonly routes: readonly RouteView[];
  readonly drafts: readonly WrittenRoute[];
  readonly invalid: readonly Invalid[];
}

/** Routes as the API changes them: what is refused is refused with a problem. */
@Injectable()
export class ManagedRoutes {
  private readonly store: RouteStore;
  private readonly decisions: Decisions;

  constructor(
    @Inject(RedisTransport) readonly transport: RedisTransport,
    @Inject(Operations) private readonly operations: Operations,
  ) {
    this.store = new RouteStore(transport);
    this.decisions = new Decisions(transport);
  }

  /** Those of the file and of Redis, drafts, and what is stored and cannot be used. */
  async all(): Promise<AllRoutes> {
    const [fromFile, set, drafts] = await Promise.all([this.store.fromFile(), this.store.read(), this.store.drafts()]);
    const inFile = new Set(fromFile.map(({ name }) => name));
    const view =
      (origin: 'file' | 'redis') =>
      (route: Route): RouteView => ({
        route: route.written,
        origin,
        isHidden: origin === 'redis' && inFile.has(route.name),
      });
    const routes = [...fromFile.map(view('file')), ...set.definitions.map(view('redis'))];
    return { version: set.version, routes, drafts: [...drafts.values()], invalid: set.invalid };
  }

  /** Those that a router decides by. */
  async inForce(): Promise<readonly Route[]> {
    const [fromFile, { definitions }] = await Promise.all([this.store.fromFile(), this.store.read()]);
    return together(fromFile, definitions);
  }

  /**
   * Those that decided in a partition at a time, in Unix milliseconds; undefined where that is not known any more: no
   * record, no history that reaches so far, or a file that was another one.
   */
  async decidedAt(partition: number, time: number): Promise<{ version: number; routes: readonly Route[] } | undefined> {
    const decider = await this.decisions.at(partition, time);
    if (decider === undefined) return undefined;
    const [fromFile, then] = await Promise.all([
      this.store.fromFile(),
      this.store.at(decider.version).catch(whereKnown),
    ]);
    if (then === undefined) return undefined;
    const routes = together(fromFile, then.definitions);
    return new RouteTable(routes).digest === decider.digest ? { version: decider.version, routes } : undefined;
  }

  async one(name: string): Promise<RouteView> {
    const { routes, drafts } = await this.all();
    const found = routes.find(({ route, isHidden }) => route.name === name && !isHidden);
    const draft = drafts.find((one) => one.name === name);
    if (found === undefined) {
      throw missing(`Route "${cut(name)}" not found${draft === undefined ? '' : ', only a draft'}`);
    }
    return { ...found, ...(draft === undefined ? {} : { draft }) };
  }

  put(written: readonly WrittenRoute[], by: ChangeAuthor): Promise<number> {
    return asProblem(async () => {
      if (written.length === 0) throw new RouteError('no routes given; nothing was changed', { pointer: '/routes' });
      await this.refuseFile(written.map(({ name }) => name));
      return this.store.put(written, by);
    });
  }

  delete(name: string, by: ChangeAuthor): Promise<number> {
    return asProblem(async () => {
      await this.refuseFile([name]);
      if (!(await this.store.has(name))) throw missing(`Route "${cut(name)}" not found`);
      return this.store.delete(name, by);
    });
  }

  async draft(written: WrittenRoute, who: string): Promise<void> {
    const before = (await this.store.drafts()).get(written.name);
    if (before !== undefined && writeJson(before) === writeJson(written)) return;
    await asProblem(() => this.store.draft(written));
    await this.operations.audit.add(who, 'draft route', { name: written.name });
  }

  async draftOf(name: string): Promise<WrittenRoute> {
    const draft = (await this.store.drafts()).get(name);
    if (draft === undefined) throw missing(`Draft "${cut(name)}" not found`);
    return draft;
  }

  async dropDraft(name: string, who: string): Promise<void> {
    await this.draftOf(name);
    await this.store.dropDraft(name);
    await this.operations.audit.add(who, 'drop draft', { name });
  }

  promote(name: string, by: ChangeAuthor): Promise<number> {
    return asProblem(async () => {
      await this.draftOf(name);
      await this.refuseFile([name]);
      return this.store.promote(name, by);
    });
  }

  rollback(to: number, who: string): Promise<number> {
    return asProblem(
      () => this.store.rollback(to, { who }),
      () => '/to',
    );
  }

  async history(limit: number, before: number | undefined): Promise<RouteVersion[]> {
    const records = await this.store.records(limit, before);
    return records.map((record) => ({ ...record, changes: record.changes.map(changeOf) }));
  }

  /** What changed from one version to another; without `to`, to the live one. */
  diff(from: number, to: number | undefined): Promise<{ from: number; to: number; changes: RouteChange[] }> {
    return asProblem(async () => {
      const until = to ?? (await this.store.version());
      return { from, to: until, changes: (await this.store.changes(from, until)).map(changeOf) };
    });
  }

  /** What promoting a draft would change. */
  async draftDiff(name: string): Promise<RouteChange> {
    const [after, { definitions }] = await Promise.all([this.draftOf(name), this.store.read()]);
    return { name, before: definitions.find((route) => route.name === name)?.written ?? null, after };
  }

  private async refuseFile(names: readonly string[]): Promise<void> {
    const inFile = new Set((await this.store.fromFile()).map(({ name }) => name));
    const name = names.find((one) => inFile.has(one));
    if (name !== undefined) {
      throw conflict(`route "${cut(name)}" is defined in ROUTES_FILE; edit it there`);
    }
  }
}

const changeOf = ({ field, before, after }: RecordedChange): RouteChange => ({
  name: field,
  before: before === null ? null : writtenIn(ROUTES, field, before),
  after: after === null ? null : writtenIn(ROUTES, field, after),
});

const cut = (name: string): string => String(name).slice(0, 100);

/** As a router has them. */
const together = (file: readonly Route[], Redis: readonly Route[]): readonly Route[] =>
  withPrecedence(ROUTES, { file, Redis }).definitions;

const whereKnown = (error: unknown): undefined => {
  if (error instanceof VersionConflict) return undefined;
  throw error;
};

/** The route of a body, or of a part of one that stands at a pointer, whose name is that of the address. Throws a 422. */
export const routeOf = (name: string, body: unknown, at = ''): WrittenRoute => {
  try {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw new RouteError('a route is an object with pattern and topics');
    }
    const written = { ...body, name } as WrittenRoute;
    const { name: given = name } = body as { name?: unknown };
    if (given !== name) throw new RouteError(`name is not "${cut(name)}" as in the address`, { pointer: '/name' });
    return parseRoute(written, 'the route').written;
  } catch (error) {
    throw problemIn(error, (pointer = '') => `${at}${pointer}`);
  }
};
