import type { DecidedEntry, Entry } from '../entry.js';
import type { HeldEntry } from './ordered-queue.js';

/** A frame in flight whose events are handed out by themselves, each in the line of its key. */
interface OpenFrame {
  readonly frame: Entry;
  readonly parts: readonly Entry[];
  /** Those that succeeded, which are acknowledged with the last of them. */
  readonly done: Set<Entry>;
}

/** What is to be done about parts that were decided. */
interface Plan {
  /** What is no part, and frames whose last parts succeeded with these. */
  readonly decided: DecidedEntry[];
  /** Parts that succeeded, of frames with others that are not done. */
  readonly acked: Entry[];
  /** Frames with a part that did not succeed, and what was decided of their parts: what is not done of them goes on by itself. */
  readonly failed: ReadonlyMap<Entry, readonly DecidedEntry[]>;
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

  has(part: Entry): boolean {
    return this.frameOf.has(part);
  }

  /** Changes nothing: whoever carries it out says so by `acknowledged` and `forget`, or decides anew. */
  plan(all: readonly DecidedEntry[]): Plan {
    const decided: DecidedEntry[] = [];
    const acked: Entry[] = [];
    const failed = new Map<Entry, readonly DecidedEntry[]>();
    const byFrame = new Map<OpenFrame, DecidedEntry[]>();
    for (const one of all) {
      const open = this.frameOf.get(one.entry);
      if (open === undefined) decided.push(one);
      else byFrame.set(open, [...(byFrame.get(open) ?? []), one]);
    }
    for (const [{ frame, parts, done }, some] of byFrame) {
      // What has effects in the store has them in the call that acknowledges, which waits for no others of the frame.
      if (some.some(({ outcomes: [outcome] }) => outcome?.kind !== 'ack')) failed.set(frame, some);
      else if (done.size + some.length === parts.length) decided.push(ackOf(frame));
      else acked.push(...some.map(({ entry }) => entry));
    }
    return { decided, acked, failed };
  }

  acknowledged(parts: readonly Entry[]): void {
    for (const part of parts) this.frameOf.get(part)?.done.add(part);
  }

  /** The parts of a frame that are not done. */
  left(frame: Entry): Entry[] {
    const open = this.frames.get(frame);
    return open === undefined ? [] : open.parts.filter((part) => !open.done.has(part));
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
const ackOf = (frame: Entry): DecidedEntry => ({
  entry: frame,
  outcomes: frame.deliveries.map(() => ({ kind: 'ack' })),
});
