import { type ComponentType, lazy } from 'react';
import { useMe } from '../api/me.js';
import { Audit } from '../views/audit/audit.js';
import { DeadLettersView } from '../views/dead-letters/dead-letters.js';
import { Doctor } from '../views/doctor/doctor.js';
import { Lab } from '../views/lab/lab.js';
import { Overview } from '../views/overview/overview.js';
import { Replays } from '../views/replay/replays.js';
import { Routes } from '../views/routes/routes.js';
import { Sinks } from '../views/sinks/sinks.js';
import { Topics } from '../views/topics/topics.js';
import { TraceView } from '../views/trace/trace.js';
import { WebhooksView } from '../views/webhooks/webhooks.js';

export interface ViewSpec {
  /** The first part of its address. */
  readonly name: string;
  readonly title: string;
  /** Pressed after `g`. */
  readonly letter: string;
  /** What it stands with in the list of views. */
  readonly group: 'observe' | 'operate' | 'configure' | 'try';
  readonly View: ComponentType;
}

// Charts are the one part that is large and seldom asked for.
const Metrics = lazy(async () => ({ default: (await import('../views/metrics/metrics.js')).Metrics }));

const VIEWS: readonly ViewSpec[] = [
  { name: 'overview', title: 'Overview', letter: 'o', group: 'observe', View: Overview },
  { name: 'topics', title: 'Topics', letter: 't', group: 'observe', View: Topics },
  { name: 'trace', title: 'Trace', letter: 'e', group: 'observe', View: TraceView },
  { name: 'metrics', title: 'Metrics', letter: 'm', group: 'observe', View: Metrics },
  { name: 'dead-letters', title: 'Dead letters', letter: 'd', group: 'operate', View: DeadLettersView },
  { name: 'replay', title: 'Replay', letter: 'p', group: 'operate', View: Replays },
  { name: 'doctor', title: 'Doctor', letter: 'h', group: 'operate', View: Doctor },
  { name: 'audit', title: 'Audit', letter: 'a', group: 'operate', View: Audit },
  { name: 'routes', title: 'Routes', letter: 'r', group: 'configure', View: Routes },
  { name: 'sinks', title: 'Sinks', letter: 's', group: 'configure', View: Sinks },
  { name: 'webhooks', title: 'Webhooks', letter: 'w', group: 'configure', View: WebhooksView },
  { name: 'lab', title: 'Lab', letter: 'l', group: 'try', View: Lab },
];

const WITHOUT_LAB = VIEWS.filter(({ name }) => name !== 'lab');

/** Those that this console has. */
export const useViews = (): readonly ViewSpec[] => {
  const me = useMe();
  return me?.lab === false ? WITHOUT_LAB : VIEWS;
};
