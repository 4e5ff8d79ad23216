import type { Writer } from '../cli-io.js';
import type { Line } from './text.js';

/** Draws lines over those that it drew before. */
export class Screen {
  private drawn = 0;

  constructor(private readonly writer: Writer) {}

  /** What does not fit is left out: a line that has scrolled away could not be drawn over. */
  draw(lines: readonly Line[]): void {
    const { columns, rows } = this.writer.size();
    const fitting = lines.slice(0, Math.max(1, rows - 1));
    const up = this.drawn === 0 ? '' : `\r\u001b[${this.drawn}A`;
    const text = fitting.map((line) => `${line.cut(columns).shown(this.writer.isColoured)}\u001b[K\n`).join('');
    this.writer.write(`${up}${text}\u001b[J`);
    this.drawn = fitting.length;
  }
}
