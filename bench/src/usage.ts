import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of /proc are hundredths of a second on every Linux that Node runs on. */
const TICK_MICROS = 10_000;

/** What a process has used, as the kernel counts it. */
export interface Usage {
  /** User and system time, in microseconds; of ended children too. */
  readonly cpuMicros: number;
  /** Resident memory, in bytes. */
  readonly rss: number;
}

const PAGE = 4096;

/** Fields of /proc/PID/stat after the name, which may hold anything; the first is the state. */
const statOf = (pid: number): string[] => {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
};

const usageOfOne = (pid: number): Usage => {
  const fields = statOf(pid);
  const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
  return { cpuMicros: ticks * TICK_MICROS, rss: Number(fields[21]) * PAGE };
};

const childrenOf = (pid: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => {
      try {
        return Number(statOf(other)[1]) === pid;
      } catch {
        return false; // It ended between our looks.
      }
    });

/** Usage of a process and of its children. Throws where there is no such process, or no /proc. */
export const usageOf = (pid: number): Usage => {
  const all = [pid, ...childrenOf(pid)].map((one) => {
    try {
      return usageOfOne(one);
    } catch (error) {
      if (one === pid) throw error;
      return { cpuMicros: 0, rss: 0 };
    }
  });
  return {
    cpuMicros: all.reduce((sum, { cpuMicros }) => sum + cpuMicros, 0),
    // Postgres's processes share most of theirs: the largest says more than the sum.
    rss: Math.max(...all.map(({ rss }) => rss)),
  };
};
