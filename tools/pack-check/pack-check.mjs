/**
 * Proves that the examples work with what would be published, outside of the monorepo: packs the packages, installs them with
 * examples/sink-outside in a folder that knows nothing of this one, compiles it, and lets it deliver events; then
 * examples/own-service beside it, whose own tests run, and which confirms an order. The command line is packed and installed
 * too, and has to run.
 * `npm run check:packages` builds first. Third-party packages come from npm's cache, or its registry.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { faultOf } from './examine.mjs';

const DEADLINE_MS = 175_000;
const EVENTS = 200;
const POISON = 'without-data';

const root = fileURLToPath(new URL('../../', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'millrace-pack-'));
const app = join(work, 'app');
/** Within the other one's folder, whose packages it finds. */
const service = join(app, 'own-service');
const eventsFile = join(work, 'events.ndjson');

/** What is to be stopped before the folder is removed, the newest first. */
const running = [];
const cleanUp = async () => {
  for (const server of running.splice(0).reverse()) await server.stop();
  rmSync(work, { recursive: true, force: true, maxRetries: 3 });
};

const say = (text) => process.stdout.write(`${text}\n`);
const oneLine = (text) => text.trim().replace(/\s*\n\s*/g, ' | ');

let ending = false;
/** Ends the process, once: what comes after is a consequence. */
const end = async (code) => {
  if (ending) return;
  ending = true;
  await cleanUp().catch((error) => process.stderr.write(`cannot clean up ${work}: ${oneLine(error.message)}\n`));
  process.exit(code);
};
let step = 'start';
const fail = (why) => {
  if (!ending) process.stderr.write(`check:packages: ${step}: ${oneLine(why)}\n`);
  return end(1);
};

/** npm tells its children which folder it runs in; the example's is another one. */
const { npm_config_local_prefix: _, ...environment } = process.env;

/** Runs a program to its end and gives what it wrote. Rejects with the lines that say what was wrong. */
const run = async (program, args, cwd) => {
  const ended = promisify(execFile)(program, args, { cwd, env: environment, maxBuffer: 64 << 20 });
  const stop = () => {
    ended.child.kill();
    return ended.catch(() => undefined);
  };
  running.push({ stop });
  try {
    return (await ended).stdout;
  } catch ({ stdout, stderr, message }) {
    const lines = `${stderr ?? ''}\n${stdout ?? ''}`.split('\n').filter((line) => /\berror\b/i.test(line));
    throw new Error(lines.slice(0, 2).join('\n') || message);
  }
};
const npm = (args, cwd) => run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, cwd);
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Packs every package, and the command line. Gives where each tarball is, and its package.json, by name. */
const pack = async () => {
  const packages = readdirSync(join(root, 'packages')).filter((name) =>
    existsSync(join(root, 'packages', name, 'package.json')),
  );
  const folders = [...packages.map((name) => `packages/${name}`), 'apps/cli'];
  const args = ['pack', '--json', '--pack-destination', work, ...folders.map((name) => `./${name}`)];
  const said = JSON.parse(await npm(args, root));
  // In npm 12 it is an object by name.
  const tarballs = Array.isArray(said) ? said : Object.values(said);
  return new Map(
    tarballs.map(({ name, filename, files }, n) => {
      const folder = join(root, folders[n]);
      const manifest = readJson(join(folder, 'package.json'));
      if (manifest.name !== name) throw new Error(`packed ${name} where ${manifest.name} was expected`);
      const fault = faultOf({ root, folder, manifest, files: files.map(({ path }) => path) });
      if (fault !== undefined) throw new Error(`${folders[n]}: ${fault}`);
      return [name, { manifest, tarball: join(work, filename) }];
    }),
  );
};

/** Those packages and all of ours that they depend on. */
const withTheirs = (names, packed, found = new Set()) => {
  for (const name of names.filter((one) => packed.has(one) && !found.has(one))) {
    found.add(name);
    withTheirs(Object.keys(packed.get(name).manifest.dependencies ?? {}), packed, found);
  }
  return found;
};

/** The example in a folder of its own, with the tarballs in place of the versions that it names. */
const install = async (packed) => {
  mkdirSync(app);
  const example = join(root, 'examples', 'sink-outside');
  const ofService = join(root, 'examples', 'own-service');
  for (const name of ['src', 'tsconfig.json']) cpSync(join(example, name), join(app, name), { recursive: true });
  for (const name of ['src', 'test', 'tsconfig.json', 'package.json']) {
    cpSync(join(ofService, name), join(service, name), { recursive: true });
  }
  const manifest = readJson(join(example, 'package.json'));
  Object.assign(manifest.dependencies, readJson(join(ofService, 'package.json')).dependencies);
  for (const [name, version] of Object.entries(manifest.dependencies)) {
    const ours = packed.get(name)?.manifest.version;
    if (ours !== undefined && ours !== version) throw new Error(`it asks for ${name} ${version}, but that is ${ours}`);
  }
  // These two are for this check alone: the test kit starts the Redis.
  const more = ['@millrace/testkit', '@millrace/cli'];
  for (const name of withTheirs([...Object.keys(manifest.dependencies), ...more], packed)) {
    manifest.dependencies[name] = `file:${packed.get(name).tarball}`;
  }
  writeFileSync(join(app, 'package.json'), JSON.stringify(manifest, null, 2));
  const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await npm(['install', '--prefix', app, ...flags], app);
};

/** The command line as npm installed it: it starts, and what it is made of is there. */
const runCli = async () => {
  const millrace = join(app, 'node_modules', '.bin', 'millrace');
  const routes = join(work, 'routes.yaml');
  writeFileSync(routes, 'routes: [{ name: a, pattern: { type: [b] }, topics: [c] }]');
  const said = await run(millrace, ['routes', 'validate', routes], app);
  if (!said.includes('1 routes, all valid')) throw new Error(`millrace routes validate says: ${said}`);
  say('ran the command line');
};

/** A module of the installed packages, as the example would import it. */
const installed = async (specifier) => {
  const path = createRequire(join(app, 'package.json')).resolve(specifier);
  if (!path.includes(join('app', 'node_modules'))) throw new Error(`${specifier} came from ${path}`);
  return import(pathToFileURL(path).href);
};

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
};

/** The example as a process, on a Redis; gives what is needed to look at both. */
const start = async () => {
  const { startRedis, ServerProcess } = await installed('@millrace/testkit');
  const redis = await startRedis();
  running.push(redis);
  const env = { REDIS_URL: redis.url, TOPICS: 'orders', EVENTS_FILE: eventsFile, LOG_LEVEL: 'warn' };
  const sink = new ServerProcess({
    name: 'the example',
    program: process.execPath,
    args: ['dist/main.js'],
    cwd: app,
    env: { PATH: process.env.PATH, ...env, PORT: String(await freePort()) },
    stopSignal: 'SIGTERM',
    guardSignal: 'KILL',
  });
  running.push(sink);
  return { redis, sink };
};

const eventOf = (id, data) => {
  const event = { specversion: '1.0', id, source: '/pack-check', type: 'order.paid', data };
  return { type: event.type, json: JSON.stringify(event) };
};

/** Appends events, one of which the example refuses, and waits until each is where it has to be. */
const deliver = async ({ redis, sink }) => {
  const { topicStream } = await installed('@millrace/streams');
  const { Operations } = await installed('@millrace/operations');
  const { RedisTransport } = await installed('@millrace/streams/redis');
  const { waitFor } = await installed('@millrace/testkit');
  const transport = new RedisTransport({ url: redis.url });
  running.push({ stop: () => transport.close() });
  const ids = Array.from({ length: EVENTS }, (_, n) => `event-${n}`);
  const events = [...ids.map((id, n) => eventOf(id, { n })), eventOf(POISON)];
  await transport.producer.append({ name: topicStream('orders'), partition: 0 }, events);

  const arrived = () =>
    readFileSync(eventsFile, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line).id);
  const { deadLetters } = new Operations(transport);
  const dead = () => deadLetters.newest({ group: 'sink-outside', partition: 0, from: '-', to: '+' }, 10);
  await waitFor(
    async () => {
      if (!sink.running) return true;
      return existsSync(eventsFile) && new Set(arrived()).size >= EVENTS && (await dead()).length > 0;
    },
    { what: `${EVENTS} events in the example's file and one dead letter`, timeoutMs: 20_000 },
  ).catch((error) => {
    throw new Error(`${error.message}; ${sink.obituary()}`);
  });
  if (!sink.running) throw new Error(sink.obituary());

  const strange = arrived().filter((id) => !ids.includes(id));
  if (strange.length > 0) throw new Error(`${strange.length} events arrived that should not have: ${strange[0]}`);
  const letters = await dead();
  if (letters.length !== 1) throw new Error(`${letters.length} dead letters where one was expected`);
  await sink.stop();
  if (sink.exitCode !== 0) throw new Error(`it did not stop cleanly: ${sink.obituary()}`);
};

const compile = (folder) =>
  run(process.execPath, [join(app, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'], folder);

/** The service confirms an order that its own command places. */
const confirm = async ({ redis }) => {
  const { ServerProcess, waitFor } = await installed('@millrace/testkit');
  const mails = [];
  const mail = createHttpServer((request, response) => {
    mails.push(request.headers['idempotency-key']);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(mail, 'listening');
  running.push({ stop: () => new Promise((resolve) => mail.close(resolve)) });
  const env = { PATH: process.env.PATH, REDIS_URL: redis.url, MAIL_URL: `http://127.0.0.1:${mail.address().port}/` };
  const serving = new ServerProcess({
    name: 'the service',
    program: process.execPath,
    args: ['dist/src/main.js'],
    cwd: service,
    env,
    stopSignal: 'SIGTERM',
    guardSignal: 'KILL',
  });
  running.push(serving);
  const placing = { cwd: service, env };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['dist/src/main.js', 'place', 'a@example.com'],
    placing,
  );
  const isOver = () => !serving.running || mails.length > 0;
  await waitFor(isOver, { what: 'the confirmation', timeoutMs: 20_000 });
  if (!stdout.includes(`placed ${mails[0]}`))
    throw new Error(`it placed another order: ${stdout}; ${serving.obituary()}`);
  await serving.stop();
  if (serving.exitCode !== 0) throw new Error(`it did not stop cleanly: ${serving.obituary()}`);
};

const main = async () => {
  const began = performance.now();
  step = 'pack';
  const packed = await pack();
  say(`packed ${packed.size} packages`);
  step = 'install the examples with the tarballs';
  await install(packed);
  say('installed them with the examples');
  step = 'run the command line';
  await runCli();
  step = 'compile examples/sink-outside';
  await compile(app);
  say('compiled it');
  step = 'run examples/sink-outside';
  const parts = await start();
  await deliver(parts);
  say(`delivered ${EVENTS} events on ${parts.redis.kind}, refused one`);
  step = 'compile and test examples/own-service';
  await compile(service);
  await run(process.execPath, ['--test', 'dist/test/'], service);
  say('compiled examples/own-service, and its tests pass');
  step = 'run examples/own-service';
  await confirm(parts);
  say(`confirmed an order; ${Math.round((performance.now() - began) / 1000)} s`);
};

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => fail(`ended by ${signal}`));
setTimeout(() => fail(`not done after ${DEADLINE_MS / 1000} s`), DEADLINE_MS).unref();
await main().then(
  () => end(0),
  (error) => fail(error.message),
);
