import { startPostgres } from '@millrace/testkit';
import { CASES } from './cases.js';
import { measure } from './measure.js';
import { Side } from './side.js';

const names = process.argv.slice(2);
for (const it of CASES.filter(({ name }) => names.includes(name))) {
  const postgres = it.end === 'postgres' ? await startPostgres({ durable: true }) : undefined;
  const sides = [];
  for (const name of ['floor', 'millrace'] as const)
    sides.push(await Side.start(name, it, postgres, process.env['PROFILE']));
  for (const side of sides) await measure(side, it, it.events / 4, postgres);
  for (let round = 0; round < 3; round++) {
    for (const side of sides) {
      const m = await measure(side, it, it.events, postgres);
      console.log(
        it.name,
        m.side.padEnd(9),
        Math.round(m.events / m.seconds),
        m.cpuTotal.toFixed(1),
        Object.entries(m.cpu)
          .map(([k, v]) => `${k} ${v.toFixed(1)}`)
          .join(' '),
        Object.entries(m.rss)
          .map(([k, v]) => `${k} ${v.toFixed(0)}`)
          .join(' '),
        m.http.p50.toFixed(2),
        m.http.p99.toFixed(2),
      );
    }
  }
  if (process.env['STATS']) for (const side of sides) await side.stats();
  for (const side of sides) await side.stop();
  await postgres?.stop();
}
process.exit(0);
