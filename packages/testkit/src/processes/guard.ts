import { spawn } from 'node:child_process';

/** What is to be done should this process die before it lets the guard go. */
export interface Duty {
  /** Process to end: first with the signal, after five seconds with SIGKILL. */
  readonly pid?: number;
  readonly signal?: 'TERM' | 'INT' | 'QUIT' | 'KILL';
  /** Docker container to remove. */
  readonly container?: string;
  /** Folder of ours to remove. */
  readonly folder?: string;
}

// `read` ends when our end of the pipe closes, however we die: by `exit`, by a signal, by SIGKILL.
const SCRIPT = `
read -r _
if [ -n "$1" ]; then
  kill -s "$2" "$1" 2>/dev/null
  n=0; while kill -0 "$1" 2>/dev/null && [ $n -lt 50 ]; do n=$((n+1)); sleep 0.1; done
  kill -s KILL "$1" 2>/dev/null
fi
if [ -n "$3" ]; then docker rm -f "$3" >/dev/null 2>&1; fi
if [ -n "$4" ]; then rm -rf "$4"; fi
`;

/**
 * Posts a process that does the duty when we die, also by SIGKILL (an `exit` hook does not see that, and jest does not
 * run those of its tests). Gives the function that lets it go. It holds up nobody's exit.
 */
export const postGuard = (duty: Duty): (() => void) => {
  if (process.platform === 'win32') return onExitOnly(duty);
  const { pid, signal = 'TERM', container = '', folder = '' } = duty;
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'millrace-guard', String(pid ?? ''), signal, container, folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  // A guard that cannot be started or is gone is no reason to fail: it is a second line of defence.
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  guard.unref();
  (guard.stdin as unknown as { unref?: () => void }).unref?.();
  return () => {
    guard.kill('SIGKILL');
  };
};

const onExitOnly = ({ pid }: Duty): (() => void) => {
  const end = () => {
    if (pid === undefined) return;
    try {
      process.kill(pid);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  process.once('exit', end);
  return () => process.off('exit', end);
};
