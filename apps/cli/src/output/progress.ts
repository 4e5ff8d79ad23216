import type { CliIo } from '../cli-io.js';
import { spanOf } from '../input/times.js';

const WIDTH = 24;

/** How far long work is: one line on a terminal's standard error, drawn over itself; nothing where no terminal is. */
export class Progress {
  private readonly startedAt = performance.now();
  private isDrawn = false;

  constructor(
    private readonly io: CliIo,
    private readonly what: string,
  ) {}

  /** `total` is 0 where nobody knows it. */
  show(done: number, total: number): void {
    const { errors } = this.io;
    if (!errors.isTerminal) return;
    const text = barOf(this.what, done, total, performance.now() - this.startedAt);
    errors.write(`\r${text.slice(0, Math.max(10, errors.size().columns - 1))}\u001b[K`);
    this.isDrawn = true;
  }

  /** Takes the line away. */
  end(): void {
    if (this.isDrawn) this.io.errors.write('\r\u001b[K');
    this.isDrawn = false;
  }
}

/** `redriving [======------] 1200/3000, 100/s, 18 s left` */
export const barOf = (what: string, done: number, total: number, elapsedMs: number): string => {
  const perSecond = elapsedMs < 500 ? 0 : (done * 1000) / elapsedMs;
  const rate = perSecond === 0 ? '' : `, ${Math.round(perSecond)}/s`;
  if (total === 0) return `${what} ${done}${rate}`;
  const filled = Math.round(WIDTH * Math.min(1, done / total));
  const left = perSecond === 0 || done >= total ? '' : `, ${spanOf(((total - done) * 1000) / perSecond)} left`;
  return `${what} [${'='.repeat(filled)}${'-'.repeat(WIDTH - filled)}] ${done}/${total}${rate}${left}`;
};
