import type { BenchCase } from './bench-case.js';
import { Database } from './database.js';
import { type Measurement, measure } from './measure.js';
import type { Options } from './options.js';
import { Side, type SideName } from './side.js';

/** A case and all that was measured of it: in each round both sides, one after the other. */
export interface CaseResult {
  readonly it: BenchCase;
  readonly rounds: readonly Readonly<Record<SideName, Measurement>>[];
}

const QUICK_SHARE = 0.25;

/** Runs a case: both sides are started, warmed up, and then measured in turns. */
export const runCase = async (
  it: BenchCase,
  { rounds, quick, profile }: Options,
  tell: (what: string) => void,
): Promise<CaseResult> => {
  const stops: (() => Promise<void>)[] = [];
  try {
    const database = it.end === 'postgres' ? await Database.start() : undefined;
    if (database !== undefined) stops.unshift(() => database.stop());
    const start = async (name: SideName): Promise<Side> => {
      const side = await Side.start(name, it, database, profile);
      stops.unshift(() => side.stop());
      return side;
    };
    const sides = { floor: await start('floor'), millrace: await start('millrace') };
    const events = Math.round(it.events * (quick ? QUICK_SHARE : 1));
    for (const side of Object.values(sides)) await measure(side, it, Math.round(events / 4), database);
    const results: Record<SideName, Measurement>[] = [];
    const times = Math.min(rounds, it.rounds ?? rounds);
    for (let round = 0; round < times; round += 1) {
      // Who goes first changes, so that neither has always what the other left.
      const order: SideName[] = round % 2 === 0 ? ['floor', 'millrace'] : ['millrace', 'floor'];
      const measured = new Map<SideName, Measurement>();
      for (const name of order) measured.set(name, await measure(sides[name], it, events, database));
      const result = {
        floor: measured.get('floor'),
        millrace: measured.get('millrace'),
      } as CaseResult['rounds'][number];
      results.push(result);
      tell(
        `${it.name}: round ${round + 1} of ${times}, ${(result.millrace.cpuTotal / result.floor.cpuTotal).toFixed(2)}`,
      );
    }
    return { it, rounds: results };
  } finally {
    for (const stop of stops) await stop();
  }
};
