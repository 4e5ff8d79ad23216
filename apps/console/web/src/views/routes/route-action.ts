import type { Route, RouteView } from '@millrace/admin-api';
import type { TypedRoute } from './written.js';

/** What can be done with a route. */
export type Doing = 'draft' | 'put' | 'promote' | 'drop' | 'delete';

/** How it is asked for: what follows `routes/NAME`. */
export interface RouteRequest {
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly end: '' | '/draft' | '/promote';
  /** Sent where routers would notice: another one is a conflict. */
  readonly version?: number;
  readonly body?: Omit<Route, 'name'>;
}

export const requestOf = (doing: Doing, { name: _, ...body }: Route, version: number): RouteRequest => {
  switch (doing) {
    case 'draft':
      return { method: 'PUT', end: '/draft', body };
    case 'put':
      return { method: 'PUT', end: '', version, body };
    case 'promote':
      return { method: 'POST', end: '/promote', version };
    case 'drop':
      return { method: 'DELETE', end: '/draft' };
    case 'delete':
      return { method: 'DELETE', end: '', version };
  }
};

/** Why a route cannot be saved, and why not be changed at all. */
export const routeRefusals = (
  typed: TypedRoute,
  view: RouteView | undefined,
  problem: string | undefined,
): { readonly change: string | undefined; readonly save: string | undefined } => {
  const change = view?.origin === 'file' ? 'Defined in ROUTES_FILE; edit it there.' : undefined;
  return { change, save: change ?? problem ?? (typed.name.trim() === '' ? 'Name is required.' : undefined) };
};

/** Whether nothing of a route is left after something was done. */
export const isGone = (doing: Doing, view: RouteView | undefined): boolean =>
  doing === 'delete' || (doing === 'drop' && view === undefined);
