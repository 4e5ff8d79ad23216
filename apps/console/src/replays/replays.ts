import type { ChangedReplay, DryRun, JobState, Replay } from '@millrace/admin-api';
import { LOGGER, type Logger } from '@millrace/host';
import { Operations } from '@millrace/operations';
import { isReadBy, type StreamName, UNROUTED } from '@millrace/streams';
import { RedisTransport, type StreamState } from '@millrace/streams/redis';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Effort } from '../answers/effort.js';
import { conflict, missing, refusal } from '../contract/problems.js';
import { isUnfinished, UNFINISHED } from '../jobs/job.js';
import { JobRunner, type Turn } from '../jobs/job-runner.js';
import { JobStore } from '../jobs/job-store.js';
import { Targets } from '../jobs/targets.js';
import { Observer } from '../observation/observer.js';
import { timeOfId } from '../observation/views.js';
import { allOf, type EventFilter, eventFilterOf } from '../topics/event-filter.js';
import { partitionsOf, streamOf } from '../topics/partitions.js';
import { TopicEvents } from '../topics/topic-events.js';
import { EndpointFilters, takesTopic } from '../webhooks/endpoint-filters.js';
import type { ReplayOrder, StoredReplay } from './replay.js';
import { ReplayRun } from './replay-run.js';
import { ReplayStore } from './replay-store.js';

/** Events that a dry run looks at. */
const DRY_RUN_LOOKS = 50_000;
/** Steps of the pattern that it takes together. */
const DRY_RUN_STEPS = 50_000_000;
const PAGE = 1000;
const ROUTER = 'router';

const failsAt = (undecided: number): string[] =>
  undecided === 0
    ? []
    : [`Matching exceeds the step limit for ${undecided} of the events: the replay fails at the first of them`];

const noReplay = (id: string): Error => missing(`Replay "${id.slice(0, 100)}" not found`);
const atItsEnd = (state: JobState): Error => conflict(`This replay is ${state}`);

/** Hands retained events to one sink again. A replay is in Redis: whichever console is there goes on with it. */
@Injectable()
export class Replays implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly runner: JobRunner<StoredReplay>;

  constructor(
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(Operations) private readonly operations: Operations,
    @Inject(ReplayStore) private readonly store: ReplayStore,
    @Inject(Observer) private readonly observer: Observer,
    @Inject(TopicEvents) private readonly events: TopicEvents,
    @Inject(EndpointFilters) private readonly endpoints: EndpointFilters,
    @Inject(Targets) private readonly targets: Targets,
    @Inject(LOGGER) log: Logger,
  ) {
    this.runner = new JobRunner(store, (replay, turn) => this.run(replay, turn), log, 'replay');
  }

  onApplicationBootstrap(): void {
    this.runner.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.runner.stop();
  }

  async all(): Promise<Replay[]> {
    return Promise.all((await this.store.all()).map((one) => this.store.view(one)));
  }

  async running(): Promise<Replay[]> {
    const running = (await this.store.all()).filter(({ state }) => isUnfinished(state));
    return Promise.all(running.map((one) => this.store.view(one)));
  }

  async one(id: string): Promise<Replay> {
    const found = await this.store.one(id);
    if (found === undefined) throw noReplay(id);
    return this.store.view(found);
  }

  /** Throws a 404 or a 422 for what cannot be replayed, and a 409 where there is nothing in the range. */
  async start(order: ReplayOrder, who: string): Promise<Replay> {
    await this.check(order);
    const streams = partitionsOf(order.topic, this.transport.partitions.count);
    await this.refuseNothing(streams, order);
    const states = await this.transport.streams.inspect(streams);
    const replay: StoredReplay = {
      ...order,
      id: JobStore.newId(),
      who,
      createdAt: Date.now(),
      total: Math.round(states.reduce((sum, state) => sum + shareOf(state, order), 0)),
      ends: states.map(({ lastId }) => endOf(order.to, lastId)),
    };
    await this.store.add(replay);
    await this.operations.audit.add(who, 'replay', { ...order, id: replay.id });
    this.runner.go(replay);
    return this.one(replay.id);
  }

  async dryRun(order: ReplayOrder): Promise<DryRun> {
    await this.check(order);
    const { asked, own } = await this.filtersOf(order);
    const [{ undecided, ...all }, waits] = await Promise.all([
      this.count(order, asked),
      this.targets.warningsOf([order.sink]),
    ]);
    if (own === undefined) return { ...all, leftOut: 0, warnings: [...waits, ...failsAt(undecided)] };
    const { matched, ...rest } = await this.count(order, await this.filterOf({ ...order, unfiltered: false }));
    const warnings = [...waits, ...failsAt(order.unfiltered === true ? undecided : rest.undecided)];
    return {
      ...all,
      warnings,
      matched: order.unfiltered === true ? all.matched : matched,
      leftOut: all.matched - matched,
    };
  }

  private async count(order: ReplayOrder, filter: EventFilter | undefined) {
    const effort = new Effort(DRY_RUN_STEPS);
    const range = { from: order.from, to: order.to, limit: PAGE, order: 'oldest', filter, effort } as const;
    let [matched, looked, undecided, page] = [0, 0, 0, await this.events.count(order.topic, range)];
    for (;;) {
      matched += page.matched;
      looked += page.looked;
      undecided += page.undecided;
      const cursor = page.next === null ? undefined : this.events.cursorOf(page.next);
      const complete = cursor === undefined;
      if (complete || looked >= DRY_RUN_LOOKS || effort.isSpent) return { matched, looked, undecided, complete };
      page = await this.events.count(order.topic, { ...range, cursor });
    }
  }

  async pause(id: string, who: string): Promise<ChangedReplay> {
    return this.change(id, 'paused', 'running', who);
  }

  async resume(id: string, who: string): Promise<ChangedReplay> {
    const view = await this.change(id, 'running', 'paused', who);
    this.runner.lookNow();
    return view;
  }

  /** Throws a 409 where it is at its end already. */
  async cancel(id: string, who: string): Promise<void> {
    const { state } = await this.one(id);
    if (!(await this.store.changeState(id, 'cancelled', UNFINISHED)))
      throw atItsEnd(isUnfinished(state) ? 'done' : state);
    await this.operations.audit.add(who, 'cancel replay', { id });
  }

  private async change(id: string, to: JobState, from: JobState, who: string): Promise<ChangedReplay> {
    await this.one(id);
    const isChanged = await this.store.changeState(id, to, [from]);
    if (isChanged) await this.operations.audit.add(who, to === 'paused' ? 'pause replay' : 'resume replay', { id });
    const view = await this.one(id);
    if (isChanged || isUnfinished(view.state)) return { ...view, changed: isChanged };
    throw atItsEnd(view.state);
  }

  /** What was asked for, and what the endpoint takes by itself; undefined is all. */
  private async filtersOf({ topic, sink, pattern }: ReplayOrder): Promise<{ asked?: EventFilter; own?: EventFilter }> {
    const asked = eventFilterOf({ pattern: pattern ?? undefined });
    const endpoint = await this.endpoints.ofGroup(sink);
    const own = endpoint === undefined || takesTopic(endpoint, topic) ? endpoint?.pattern : () => false;
    return { ...(asked === undefined ? {} : { asked }), ...(own === undefined ? {} : { own }) };
  }

  private async filterOf(order: ReplayOrder): Promise<EventFilter | undefined> {
    const { asked, own } = await this.filtersOf(order);
    if (own === undefined || order.unfiltered === true) return asked;
    return asked === undefined ? own : allOf([own, asked]);
  }

  private async refuseNothing(streams: readonly StreamName[], { from, to }: ReplayOrder): Promise<void> {
    const { reader } = this.transport;
    const first = await Promise.all(streams.map((stream) => reader.endOf(stream, from, to, 'oldest')));
    if (first.some((position) => position !== undefined)) return;
    throw conflict('No events in this range; nothing was started');
  }

  private async check({ topic, sink, pattern, unfiltered = false }: ReplayOrder): Promise<void> {
    eventFilterOf({ pattern: pattern ?? undefined });
    if (!(await this.observer.topicNames()).includes(topic)) {
      throw missing(`Topic "${topic.slice(0, 100)}" not found`, '/topic');
    }
    const groups = await this.transport.registry.groups();
    const group = groups.find((one) => one.group === sink);
    if (group === undefined) {
      throw missing(`Sink "${sink.slice(0, 100)}" not found`, '/sink');
    }
    const endpoint = await this.endpoints.ofGroup(sink);
    if (endpoint?.isGone) throw missing(`The endpoint "${endpoint.endpoint}" was deleted`);
    if (endpoint !== undefined && !unfiltered && !takesTopic(endpoint, topic)) {
      const takes = endpoint.topics === '*' ? '*' : endpoint.topics.join(', ');
      const what = `The endpoint "${endpoint.endpoint}" does not subscribe to the topic "${topic}"; its topics are ${takes}`;
      throw refusal('filtered', 422, `${what}; set unfiltered to send it anyway`);
    }
    if (endpoint === undefined && unfiltered) {
      throw refusal('bad-request', 400, `unfiltered is for endpoints; "${sink}" is not one`, '/unfiltered');
    }
    // What no route matched may be routed again, by routes that were fixed.
    const isRoutedAgain = topic === UNROUTED && group.hop === ROUTER;
    if (endpoint !== undefined || isRoutedAgain || isReadBy(streamOf(topic), group.streams)) return;
    throw refusal('not-read', 422, `"${sink}" does not read the topic "${topic}"`, '/sink');
  }

  private async run(replay: StoredReplay, turn: Turn): Promise<boolean> {
    return new ReplayRun(this.transport, this.operations, replay, await this.filterOf(replay), turn).run();
  }
}

/** Where a partition ends for a replay: at what was asked for, or at what there is now if that is earlier. */
const endOf = (to: string, lastId: string | undefined): string | null => {
  if (lastId === undefined) return null;
  // Of an end that is a time all events of that millisecond are meant; one with an index is within its entry.
  const [time, sequence = Number.POSITIVE_INFINITY] = (to.split('.')[0] as string).split('-').map(Number);
  const [lastTime, lastSequence] = lastId.split('-').map(Number) as [number, number];
  const isLater = Number(time) > lastTime || (time === lastTime && sequence > lastSequence);
  return to === '+' || isLater ? lastId : to;
};

/** How much of a stream a range may be, if its events are spread evenly over its time. */
const shareOf = ({ length, firstId, lastId }: StreamState, { from, to }: ReplayOrder): number => {
  if (firstId === undefined || lastId === undefined) return 0;
  const [first, last] = [timeOfId(firstId), timeOfId(lastId)];
  const start = from === '-' ? first : Math.max(first, timeOfId(from));
  const end = to === '+' ? last : Math.min(last, timeOfId(to));
  if (end < start) return 0;
  return last === first ? length : (length * (end - start)) / (last - first);
};
