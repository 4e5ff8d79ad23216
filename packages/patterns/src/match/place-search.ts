import type { Leaf } from '../language/leaf.js';
import type { EventFields } from './event-fields.js';
import type { Parts } from './parts.js';
import type { Chosen } from './place-tree.js';

/** A leaf that is tried, with what was chosen for those before it, and the choices that it leaves. */
interface Frame {
  readonly chosen: Chosen;
  readonly choices: readonly Chosen[];
  next: number;
}

/** Of a leaf that is tried once more. */
const FRAME_COST = 10;
/** About a millisecond of steps or some. */
const A_PART = 50_000;

/**
 * Looks for a choice of array elements that all leaves agree on, leaf by leaf; what has failed is not tried again. Where each
 * leaf has its values in one array of each element, this is as much work as there are values. An event whose keys have dots
 * may put them into several, and then it is a search like that of SAT: the steps of the event end it.
 */
export class PlaceSearch {
  private readonly failed = new Set<string>();
  private readonly lastConcerned = new Map<string, number>();

  constructor(
    private readonly leaves: readonly Leaf[],
    private readonly fields: EventFields,
  ) {}

  /** Whether there is one. In parts, as `Parts` says. Not by recursion: a pattern may have more leaves than the stack has room. */
  *succeeds(): Parts<boolean> {
    const { steps } = this.fields;
    const frames: Frame[] = [this.frame(0, [])];
    let done = steps.taken;
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const choice = frame.choices[frame.next];
      frame.next += 1;
      if (steps.taken - done > A_PART) {
        done = steps.taken;
        yield;
      }
      if (choice === undefined) {
        frames.pop();
        if (frame.choices.length > 0) this.failed.add(searchKey(frames.length, frame.chosen));
      } else {
        if (frames.length === this.leaves.length) return true;
        frames.push(this.frame(frames.length, choice));
      }
    }
    return false;
  }

  private frame(i: number, chosen: Chosen): Frame {
    const relevant = this.relevant(i, chosen);
    this.fields.steps.take(FRAME_COST + chosen.length);
    const hasFailed = this.failed.size > 0 && this.failed.has(searchKey(i, relevant));
    return { chosen: relevant, choices: hasFailed ? [] : this.choices(i, relevant), next: 0 };
  }

  private choices(i: number, chosen: Chosen): readonly Chosen[] {
    const leaf = this.leaves[i] as Leaf;
    const tree = this.fields.treeOf(leaf);
    const choices = tree.choices(chosen, this.fields.steps);
    return leaf.acceptsAbsence && !tree.reaches(chosen, this.fields.steps) ? [chosen, ...choices] : choices;
  }

  /** An array binds only fields below it: what no later leaf looks into is forgotten, or choices would multiply. */
  private relevant(i: number, chosen: Chosen): Chosen {
    return chosen.every(({ path }) => this.lastOf(path) >= i)
      ? chosen
      : chosen.filter(({ path }) => this.lastOf(path) >= i);
  }

  /** The last leaf that looks into an array at a path. */
  private lastOf(path: string): number {
    const known = this.lastConcerned.get(path);
    if (known !== undefined) return known;
    const below = `${path}.`;
    const last = this.leaves.findLastIndex((leaf) => leaf.path === path || leaf.path.startsWith(below));
    this.fields.steps.take(this.leaves.length);
    this.lastConcerned.set(path, last);
    return last;
  }
}

const searchKey = (i: number, chosen: Chosen): string => {
  const ids = chosen.map(({ id }) => id);
  return `${i}:${ids.length > 1 ? ids.sort((a, b) => a - b).join() : ids.join()}`;
};
