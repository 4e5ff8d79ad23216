import { readFileSync, writeFileSync } from 'node:fs';

/** Of Linux; it is 100 on every machine that Node runs on. */
const TICKS_PER_SECOND = 100;
const KILOBYTE = 1024;

/** CPU time of a process so far, in milliseconds. Throws where there is no such process. */
export const cpuMsOf = (pid: number): number => {
  // The name of the program may hold spaces and parentheses.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
};

const kilobytes = (pid: number, name: 'VmRSS' | 'VmHWM'): number =>
  Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

/** Bytes of memory that a process has now. */
export const memoryOf = (pid: number): number => kilobytes(pid, 'VmRSS') * KILOBYTE;

/** The most that it had since `forgetPeak`. */
export const peakOf = (pid: number): number => kilobytes(pid, 'VmHWM') * KILOBYTE;

/** The peak begins at what it has now. */
export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');
