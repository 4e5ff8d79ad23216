import { parseFile } from '@millrace/definitions';
import { endpointsKind } from '@millrace/endpoints';
import { ROUTES } from '@millrace/routes';
import { SCHEMAS } from '@millrace/schemas';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { parseMappings } from '../../../apps/sink-postgres/src/mapping/mapping.js';
import { textOf, yamlOf } from '../repository.js';
import { blocksOf, GUIDES } from './pages.js';

const CHART = 'deploy/helm/millrace';
const isValues = new Ajv({ strict: false }).compile(JSON.parse(textOf(`${CHART}/values.schema.json`)));

/** Values over others, as helm lays them. */
const over = (below: unknown, above: unknown): unknown => {
  const isObject = (one: unknown): one is object => typeof one === 'object' && one !== null && !Array.isArray(one);
  if (!isObject(below) || !isObject(above)) return above;
  return Object.fromEntries(
    [...new Set([...Object.keys(below), ...Object.keys(above)])].map((name) => {
      const [old, given] = [below, above].map((one) => (one as Record<string, unknown>)[name]);
      return [name, given === undefined ? old : over(old, given)];
    }),
  );
};

const SECRET = `whsec_${Buffer.alloc(32).toString('base64')}`;
/** Whoever reads a file, by the first word in it. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  routes: (text) => parseFile(ROUTES, text, 'routes.yaml'),
  schemas: (text) => parseFile(SCHEMAS, text, 'schemas.yaml'),
  endpoints: (text) =>
    parseFile(
      endpointsKind(() => SECRET),
      text,
      'endpoints.yaml',
    ),
  tables: (text) => parseMappings(text, 'tables.yaml'),
  services: (text) => {
    if (!isValues(over(yamlOf(`${CHART}/values.yaml`), parse(text)))) throw new Error(JSON.stringify(isValues.errors));
  },
};

const files = GUIDES.flatMap(blocksOf).filter(({ language }) => language === 'yaml');

it.each(files.map((block) => [`${block.page}:${block.line}`, block] as const))(
  '%s is a file that is taken',
  (_, { text }) => {
    const [first = ''] = Object.keys(parse(text));
    expect(Object.keys(READERS)).toContain(first);
    expect(() => READERS[first]?.(text)).not.toThrow();
  },
);
