import type { Operations, StoredDeadLetter } from '@millrace/operations';
import { pause } from '@millrace/streams';
import type { Turn } from '../jobs/job-runner.js';
import { MOST_A_STEP, stepOf, stepSize } from '../jobs/step.js';
import { matches } from './dead-letter-finder.js';
import type { StoredRedrive } from './redrive.js';

const bytesOf = ({ json = '', message, history }: StoredDeadLetter): number =>
  json.length + message.length + 200 * history.length;

/** Runs one redrive from where it stands, a group and partition after the other. */
export class RedriveRun {
  constructor(
    private readonly operations: Operations,
    private readonly redrive: StoredRedrive,
    private readonly turn: Turn,
  ) {}

  /** True at the end, false where it was stopped before. Rejects with `Unavailable`. */
  async run(): Promise<boolean> {
    for (const part of this.redrive.parts) if (!(await this.part(part))) return false;
    return true;
  }

  private async part({ group, partition, to: end }: StoredRedrive['parts'][number]): Promise<boolean> {
    const { id, filter, perSecond } = this.redrive;
    const { deadLetters } = this.operations;
    const { mayGoOn, stop } = this.turn;
    const part = { id, group, partition };
    let at = await deadLetters.redrivenTo(part);
    for (let page: readonly StoredDeadLetter[] = []; ; ) {
      if (stop.aborted || !(await mayGoOn())) return false;
      if (page.length === 0) {
        const from = at === undefined ? filter.from : `(${at}`;
        page = await deadLetters.oldest({ group, partition, from, to: end }, MOST_A_STEP);
      }
      const { looked, meant } = stepOf(page, stepSize(perSecond), (letter) => matches(letter, filter), bytesOf);
      const to = page[looked - 1]?.id;
      if (to === undefined) return true;
      if (!(await deadLetters.redriveStep(part, { from: at, to, letters: meant }))) return false;
      at = to;
      page = page.slice(looked);
      await pause((meant.length / perSecond) * 1000, stop);
    }
  }
}
