import type { Outcome } from '../contract.js';
import type { DecidedEntry, Entry } from '../entry.js';
import type { HeldEntry } from './ordered-queue.js';

/** A frame in flight whose events are handed out by themselves, each in the line of its key. */
interface OpenFrame {
  readonly frame: Entry;
  readonly parts: readonly Entry[];
  /** Those that succeeded, which are acknowledged with the last of them. */
  readonly done: Set<Entry>;
}

/** What became of decided parts. */
interface Sorted {
  /** What is no part, and frames that are done with these. */
  readonly decided: DecidedEntry[];
  /** Frames with an event that is not done: what is left of them has to go on as entries of their own. */
  readonly failed: Entry[];
}

/** The events of frames as entries, one each, so that an order by key needs no frame to be taken apart in the store. */
export class FrameParts {
  private readonly frames = new Map<Entry, OpenFrame>();
  private readonly frameOf = new Map<Entry, OpenFrame>();

  /** Entries as they came, with the parts of a frame in its place. */
  split(entries: readonly HeldEntry[]): HeldEntry[] {
    return entries.flatMap((held) => {
      const { deliveries } = held.entry;
      if (deliveries.length === 1) return held;
      const parts = deliveries.map((delivery): Entry => ({ ...held.entry, deliveries: [delivery] }));
      const open = { frame: held.entry, parts, done: new Set<Entry>() };
      this.frames.set(held.entry, open);
      for (const part of parts) this.frameOf.set(part, open);
      return parts.map((part) => ({ ...held, entry: part }));
    });
  }

  /** Notes what is done of frames. Nothing is forgotten until `forget`, so that the same may be decided again. */
  sort(all: readonly DecidedEntry[]): Sorted {
    const decided: DecidedEntry[] = [];
    const changed = new Set<OpenFrame>();
    const failed = new Set<Entry>();
    for (const one of all) {
      const open = this.frameOf.get(one.entry);
      if (open === undefined) decided.push(one);
      else {
        const [outcome] = one.outcomes as [Outcome];
        // What has effects in the store has them in the call that acknowledges, which waits for no others of the frame.
        if (outcome.kind === 'ack') open.done.add(one.entry);
        else {
          open.done.delete(one.entry);
          failed.add(open.frame);
        }
        changed.add(open);
      }
    }
    for (const { frame, parts, done } of changed) {
      if (done.size === parts.length) decided.push(ackOf(frame));
    }
    return { decided, failed: [...failed] };
  }

  /** The parts of a frame that are not done. */
  left(frame: Entry): Entry[] {
    const open = this.frames.get(frame);
    return open === undefined ? [] : open.parts.filter((part) => !open.done.has(part));
  }

  isOf(frame: Entry, part: Entry): boolean {
    return this.frameOf.get(part)?.frame === frame;
  }

  /** Entries as the store knows them: frames in place of their parts, and apart from these, frames of which a part is done. */
  wholes(entries: readonly Entry[]): { readonly whole: Entry[]; readonly begun: Entry[] } {
    const whole = new Set<Entry>();
    const begun = new Set<Entry>();
    for (const entry of entries) {
      const open = this.frameOf.get(entry);
      if (open === undefined) whole.add(entry);
      else (open.done.size === 0 ? whole : begun).add(open.frame);
    }
    return { whole: [...whole], begun: [...begun] };
  }

  /** The frame is acknowledged, or taken apart. */
  forget(frame: Entry): void {
    for (const part of this.frames.get(frame)?.parts ?? []) this.frameOf.delete(part);
    this.frames.delete(frame);
  }

  clear(): void {
    this.frames.clear();
    this.frameOf.clear();
  }
}

/** All events of a frame succeeded. */
export const ackOf = (frame: Entry): DecidedEntry => ({
  entry: frame,
  outcomes: frame.deliveries.map(() => ({ kind: 'ack' })),
});
