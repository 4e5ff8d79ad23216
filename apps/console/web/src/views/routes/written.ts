import type { Route, RouteChange } from '@millrace/admin-api';
import { readJson, written } from '../../ui/json-text.js';

/** A route as it stands in the form: everything is text. */
export interface TypedRoute {
  readonly name: string;
  readonly kind: 'pattern' | 'filters';
  /** JSON. */
  readonly rule: string;
  readonly topics: string;
  readonly priority: string;
  readonly transform: string;
}

export const NEW_ROUTE: TypedRoute = {
  name: '',
  kind: 'pattern',
  rule: '{\n  "type": [{ "prefix": "order." }]\n}',
  topics: '',
  priority: '',
  transform: '',
};

export const typedOf = (route: Route): TypedRoute => ({
  name: route.name,
  kind: route.filters === undefined ? 'pattern' : 'filters',
  rule: written(route.filters ?? route.pattern),
  topics: [route.topics].flat().join(', '),
  priority: route.priority === undefined ? '' : String(route.priority),
  transform: typeof route.transform === 'string' ? route.transform : '',
});

/** The route that was typed, or what keeps it from being one. The rest is for the console to say. */
export const routeOf = (typed: TypedRoute): { readonly route?: Route; readonly problem?: string } => {
  const { value, problem } = readJson(typed.rule);
  if (problem !== undefined) return { problem };
  const topics = typed.topics.split(/[\s,]+/).filter(Boolean);
  const transform = typed.transform.trim();
  return {
    route: {
      name: typed.name.trim(),
      [typed.kind]: value,
      topics,
      ...(typed.priority.trim() === '' ? {} : { priority: Number(typed.priority) }),
      ...(transform === '' ? {} : { transform }),
    },
  };
};

/** A route as text to compare; nothing where there is none. */
export const textOf = (route: Route | null | undefined): string => (route ? written(route) : '');

/** "added", "changed" or "deleted" */
export const changeInWord = ({ before, after }: RouteChange): string =>
  before === null ? 'added' : after === null ? 'deleted' : 'changed';
