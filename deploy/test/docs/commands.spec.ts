import { textOf } from '../repository.js';
import { check } from './commands/check.js';
import { demandTaken, demandValue } from './commands/deployment.js';
import { operationsAt } from './commands/http.js';
import { checkMillrace } from './commands/millrace.js';
import { commandsOf, type ShellCommand } from './commands/shell.js';
import { demand, demandVariable, type Surroundings, surroundingsOf } from './commands/surroundings.js';
import { type Block, blocksOf, GUIDES } from './pages.js';

/**
 * The commands of the pages, in blocks and within the text: programs, options, paths, services, variables and requests that there are.
 */
const SHELL = /^(sh|bash|console)$/;
const blocks = (page: string): Block[] => blocksOf(page).filter(({ language }) => SHELL.test(language));

/** Code within the text of a page. */
const spansOf = (page: string): string[] => {
  const text = textOf(page).replace(/^ *```.*?^ *```$/gms, '');
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
};

/** What a span is, where it is something that can be checked. */
const checkSpan = async (span: string, surroundings: Surroundings): Promise<void> => {
  const [, method, path] = /^(GET|POST|PUT|DELETE|PATCH) (\/[^\s?]*)/.exec(span) ?? [];
  if (method !== undefined && path !== undefined) {
    const operations = operationsAt(path.replace(/…$/, '')).map((one) => one.operations);
    demand(
      operations.some((one) => method.toLowerCase() in one),
      `no API has ${method} ${path}`,
    );
  }
  const [, variable, value = ''] = /^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|AUTH|ORDER|TOPICS)(?:=(\S*))?$/.exec(span) ?? [];
  if (variable !== undefined) await demandVariable(variable, surroundings);
  if (variable !== undefined && !/[…$]|^$/.test(value)) await demandTaken(variable, value);
  for (const [, path = ''] of span.matchAll(/--set '?([\w.-]+)=/g)) demandValue(path, surroundings);
  const [named, ofMillrace = ''] = /^(?:npx )?millrace(?: (.*))?$/.exec(span) ?? [];
  if (named !== undefined) {
    for (const { words } of commandsOf(ofMillrace)) checkMillrace(words, { isNamed: true });
  } else if (/^(npm|npx|node|docker compose|redis-cli|helm \w+ \w+) ./.test(span)) {
    for (const command of commandsOf(span)) await check(command, surroundings);
  }
};

/** Files of the reader's own that a command names, and that the page has not spoken of before. */
const unspokenOf = (before: string, { words, variables }: ShellCommand): string[] =>
  [...words, ...Object.values(variables).filter((value) => value.startsWith('$PWD/'))]
    .map((word) => /^(?:\$PWD\/|@)?([\w-]+\.(?:yaml|json|ndjson))$/.exec(word)?.[1])
    .filter((name) => name !== undefined && !before.includes(`\`${name}\``))
    .map((name) => `it does not say before what ${name} is`);

/** What is wrong, a line each. */
const faultsOf = async (page: string): Promise<string[]> => {
  const faults: string[] = [];
  const surroundings = surroundingsOf(page);
  const lines = textOf(page).split('\n');
  for (const { line, text } of blocks(page)) {
    for (const command of commandsOf(text)) {
      faults.push(...unspokenOf(lines.slice(0, line).join('\n'), command).map((fault) => `${page}:${line}: ${fault}`));
      await check(command, surroundings).catch((error: Error) =>
        faults.push(`${page}:${line}: ${command.words.join(' ')}: ${error.message.trim()}`),
      );
    }
  }
  for (const span of spansOf(page)) {
    await checkSpan(span, surroundings).catch((error: Error) =>
      faults.push(`${page}: \`${span}\`: ${error.message.trim()}`),
    );
  }
  return faults;
};

it.each(GUIDES)('%s has commands that there are', async (page) => {
  expect(await faultsOf(page)).toEqual([]);
});

// A block of commands says `run`, and `followed.spec.ts` runs it, or what it needs that no test has: ```sh needs a cluster.
it('every block is run, or says what it needs', () => {
  const unmarked = GUIDES.flatMap(blocks).filter(({ marks }) => !/^(run|needs \S.+)$/.test(marks));
  expect(unmarked.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
});

/** What would follow from a renamed command, option, path, service or variable. */
it.each([
  'millrace toppics ls',
  'millrace topics list',
  'millrace lag --above 1000',
  'millrace record 1% --seconds soon',
  'npx millrace dlq redrive --groop sink-postgres',
  'zcat old.gz | millrace publish - --jason',
  'npx milrace doctor',
  'npm run choas',
  'npm run chaos -- --sead 7',
  'npm test -- packages/stream',
  'npm run docs -w apps/cly',
  'npm run build -- --filter=@millrace/ruoter',
  'npm install @millrace/stream',
  'npm install --save-dev @millrace/testkit left-pad-of-nobody',
  'npx tsc -p examples/sink-inside',
  'node apps/sink-postgress/dist/main.js',
  'node deploy/redis/users.mjs --prefixx mr:',
  'DATABASE_URI=postgres://127.0.0.1 node apps/sink-postgres/dist/main.js',
  'BATCH_MAX_SIZE=many node apps/sink-postgres/dist/main.js',
  'export MILLRACE_APIKEY=secret',
  'REDIS_URI=redis://127.0.0.1 npm start',
  'docker compose -f deploy/alone/sink-webhooks.compose.yml up',
  'docker compose up gatewya',
  'docker compose --profile observed up',
  'WEBHOOK_URI=http://a docker compose -f deploy/alone/sink-webhook.compose.yml up',
  'docker build --build-arg SERVICE=gateway .',
  'docker run --rm millrace/consol node dist/load-functions.js',
  'docker run --rm millrace/console node dist/load-function.js',
  'helm install millrace deploy/helm/milrace',
  'helm install millrace deploy/helm/millrace --set services.gatewya.enabled=true',
  'helm upgrade millrace deploy/helm/millrace --set keda.enabld=true',
  'kubectl create secret generic millrace --from-literal=REDIS_URI=redis://a',
  'curl http://127.0.0.1:8090/api/topic',
  'curl -X DELETE http://127.0.0.1:8090/api/topics',
  "curl 'http://127.0.0.1:8090/api/topics/orders/events?limits=1'",
  `curl http://127.0.0.1:8090/api/dead-letters/redrive -d '{"filter":{"hope":"sink-postgres"}}'`,
  `curl http://127.0.0.1:8080/v1/events -d '{"data":{}}'`,
  "redis-cli XLEN 'mr:{p0}:topics:orders'",
  'redis-cli SUBSCRIBE orders',
  'nobody-knows-this',
])('refuses %s', async (line) => {
  const surroundings = surroundingsOf('README.md');
  const checks = commandsOf(line).map((command) => check(command, surroundings));
  await expect(Promise.all(checks)).rejects.toThrow();
});
