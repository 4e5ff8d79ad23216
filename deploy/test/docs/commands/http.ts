import { ADMIN_API, gatewayApi } from '@millrace/admin-api';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { demand } from './surroundings.js';

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
type Json = any;

const ADMIN: Json = ADMIN_API;
const GATEWAY: Json = gatewayApi(true);
/** What every service answers beside its API. */
const OF_EVERY_SERVICE = /^\/(health\/(live|ready)|metrics|docs)$/;

/** Whether a path is of a template; a page writes `NAME` or `<group>` where a name stands. */
const isOf = (path: string, template: string): boolean => {
  const [parts, of] = [path.split('/'), template.split('/')];
  return parts.length === of.length && of.every((part, n) => part.startsWith('{') || part === parts[n]);
};

/** The operations of a path, and the document that has them. */
export const operationsAt = (path: string): readonly { readonly document: Json; readonly operations: Json }[] =>
  [ADMIN, GATEWAY].flatMap((document) => {
    const templates = Object.keys(document.paths).filter((template) => isOf(path, template));
    const exact = templates.find((template) => template === path) ?? templates[0];
    return exact === undefined ? [] : [{ document, operations: document.paths[exact] }];
  });

/** Checks a request against the documents: its path, its parameters, its body. */
export const checkRequest = (method: string, url: URL, body: string | undefined): void => {
  if (OF_EVERY_SERVICE.test(url.pathname)) return;
  const [found] = operationsAt(url.pathname);
  if (found === undefined) throw new Error(`no API has ${url.pathname}`);
  const operation = found.operations[method.toLowerCase()];
  if (operation === undefined) throw new Error(`${url.pathname} has no ${method}`);
  const taken = (operation.parameters ?? []).filter((one: Json) => one.in === 'query').map((one: Json) => one.name);
  for (const name of url.searchParams.keys()) {
    demand(taken.includes(name), `${method} ${url.pathname} takes no parameter ${name}`);
  }
  if (body === undefined) return;
  const schema = operation.requestBody?.content?.['application/json']?.schema;
  demand(schema !== undefined, `${method} ${url.pathname} takes no JSON`);
  const ajv = new Ajv2020({ strict: false });
  const isValid = ajv.compile({ ...schema, components: found.document.components });
  demand(isValid(JSON.parse(body)) === true, `${method} ${url.pathname}: ${ajv.errorsText(isValid.errors)}`);
};

/** Options of curl that have a value, and what is done with it here. */
const WITH_VALUE = new Set(['-X', '-H', '-d', '-o']);

/** The request of a curl command. */
export const checkCurl = (args: readonly string[]): void => {
  const data: string[] = [];
  let [method, url, inQuery]: [string | undefined, string | undefined, boolean] = [undefined, undefined, false];
  for (let n = 0; n < args.length; n += 1) {
    const word = args[n] as string;
    const value = args[n + 1] ?? '';
    if (word === '-X') method = value;
    if (word === '-d') data.push(value);
    if (word === '-G') inQuery = true;
    if (WITH_VALUE.has(word)) n += 1;
    else if (!word.startsWith('-')) url = word;
  }
  const query = inQuery ? `?${data.join('&')}` : '';
  const body = inQuery || data.length === 0 ? undefined : data.join('&');
  checkRequest(method ?? (body === undefined ? 'GET' : 'POST'), new URL(`${url}${query}`), body);
};
