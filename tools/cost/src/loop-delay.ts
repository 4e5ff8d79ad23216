import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

// Loaded into a service before it begins: at each SIGUSR2 it writes the longest pause of the event loop since the last one, in
// milliseconds, to the file of MILLRACE_COST_PAUSES.
const RESOLUTION_MS = 5;

const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delays.enable();
process.on('SIGUSR2', () => {
  writeFileSync(process.env['MILLRACE_COST_PAUSES'] as string, String(delays.max / 1e6));
  delays.reset();
});
