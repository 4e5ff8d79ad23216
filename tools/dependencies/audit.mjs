/** Fails where npm knows of a vulnerability in what the images hold. Where the registry answers no audits it says so. */
import { spawnSync } from 'node:child_process';

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8', maxBuffer: 64 << 20 });
const read = () => {
  try {
    return JSON.parse(stdout);
  } catch {
    return {};
  }
};
const { auditReportVersion, vulnerabilities = {}, message } = read();
if (auditReportVersion === undefined) {
  process.stdout.write(`audit: not done, the registry does not answer: ${message ?? 'no report'}\n`);
  process.exit(0);
}
const known = Object.values(vulnerabilities);
for (const { name, severity, range } of known) process.stderr.write(`audit: ${name} ${range}: ${severity}\n`);
if (known.length === 0) process.stdout.write('audit: nothing known\n');
process.exit(known.length === 0 ? 0 : 1);
