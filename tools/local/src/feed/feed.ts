import { setTimeout as pause } from 'node:timers/promises';
import { type Account, discrepancies } from '../account/account.js';
import { expectedRollups, Found, type Places } from '../account/found.js';
import { printAs } from '../print.js';
import { WEBHOOK_TOPICS } from '../stack/services.js';
import type { FeedEvent } from './event.js';
import { githubEvents } from './github-events.js';
import { type Answers, Sender } from './sender.js';
import { weatherEvents } from './weather-events.js';

/** Where a feed goes, and where to look for what became of it. */
export interface FeedOptions extends Places {
  readonly gatewayUrl: string;
  readonly apiKey: string | undefined;
  /** Ends the feed early. */
  readonly signal: AbortSignal;
}

/** Sent twice, as a client does that did not get its answer. */
const REPEATS = 50;
const SINGLES = 100;
/** How long nothing may change before it counts as the end. */
const GIVE_UP_AFTER_MS = 30_000;
const LOOK_EVERY_MS = 1000;

const newRun = (): string => `run${Date.now().toString(36)}`;

/** Sends real events through a pipeline, waits until they have arrived, and tells where each is. */
export const runFeed = async (options: FeedOptions): Promise<Account> => {
  const run = newRun();
  const github = githubEvents(run);
  const weather = weatherEvents(run);
  const found = new Found(options, run);
  const before = (await found.webhooks()).distinct;
  try {
    printAs(
      'feed',
      `${github.length} GitHub events and ${weather.length} readings of Seattle's weather, ${REPEATS} of them twice`,
    );
    const answers = await sendAll(options, github, weather);
    printAs('feed', `sent ${answers.sent}: ${answers.accepted} accepted, ${answers.duplicates} duplicates`);
    const look = () => accountFor(run, [...github, ...weather], answers, before, found);
    return await settled(look, options.signal);
  } finally {
    await found.close();
  }
};

const sendAll = async (
  { gatewayUrl, apiKey }: FeedOptions,
  github: readonly FeedEvent[],
  weather: readonly FeedEvent[],
) => {
  const sender = new Sender(gatewayUrl, apiKey);
  const events = github.map(({ event }) => event);
  try {
    await sender.sendEach(events.slice(0, SINGLES));
    await sender.sendBatches(events.slice(SINGLES));
    await sender.sendLines(weather.map(({ event }) => event));
    await sender.sendBatches(events.slice(0, REPEATS));
    return sender.answers;
  } finally {
    await sender.close();
  }
};

/** Looks until everything adds up, or nothing changes any more. */
const settled = async (look: () => Promise<Account>, signal: AbortSignal): Promise<Account> => {
  let last = '';
  let changedAt = Date.now();
  for (;;) {
    const account = await look();
    if (discrepancies(account).length === 0) return account;
    const progress = describe(account);
    if (progress !== last) changedAt = Date.now();
    if (progress !== last) printAs('feed', progress);
    last = progress;
    if (Date.now() - changedAt > GIVE_UP_AFTER_MS) return account;
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
};

const describe = ({ topics, webhooks, samples }: Account): string => {
  const sum = (pick: (one: Account['topics'][number]) => number): number =>
    topics.reduce((all, one) => all + pick(one), 0);
  const expected = sum((one) => one.expected);
  return (
    `on the way: routed ${sum((one) => one.routed)}/${expected}, rows ${sum((one) => one.rows)}/${expected}, ` +
    `webhooks ${webhooks.found}/${webhooks.expected}, samples ${samples.found}/${samples.expected}`
  );
};

const accountFor = async (
  run: string,
  events: readonly FeedEvent[],
  answers: Readonly<Answers>,
  webhooksBefore: number,
  found: Found,
): Promise<Account> => {
  const expected = new Map<string, number>();
  for (const { topics } of events) for (const topic of topics) expected.set(topic, (expected.get(topic) ?? 0) + 1);
  const times = events.flatMap(({ event }) => (event.time === undefined ? [] : [Date.parse(event.time)]));
  const [rows, webhooks, samples, rollups, deadLetters, routed] = await Promise.all([
    found.rows(),
    found.webhooks(),
    found.samples(),
    found.rollups(),
    found.deadLetters(),
    Promise.all([...expected.keys()].map((topic) => found.routed(topic))),
  ]);
  const wanted = WEBHOOK_TOPICS.reduce((sum, topic) => sum + (expected.get(topic) ?? 0), 0);
  return {
    run,
    answers: { ...answers, expectedDuplicates: REPEATS },
    topics: [...expected].map(([topic, count], i) => ({
      topic,
      expected: count,
      routed: routed[i] as number,
      rows: rows.get(topic) ?? 0,
    })),
    webhooks: { expected: wanted, found: webhooks.distinct - webhooksBefore, invalid: webhooks.invalid },
    samples: { expected: times.length, found: samples },
    rollups: { expected: expectedRollups(times), found: rollups },
    deadLetters,
  };
};
