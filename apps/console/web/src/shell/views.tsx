import { type ComponentType, lazy } from 'react';
import { useMe } from '../api/me.js';
import { Audit } from '../views/audit/audit.js';
import { DeadLetters } from '../views/dead-letters/dead-letters.js';
import { Doctor } from '../views/doctor/doctor.js';
import { Lab } from '../views/lab/lab.js';
import { Overview } from '../views/overview/overview.js';
import { Replays } from '../views/replay/replays.js';
import { Routes } from '../views/routes/routes.js';
import { Sinks } from '../views/sinks/sinks.js';
import { Topics } from '../views/topics/topics.js';
import { TraceView } from '../views/trace/trace.js';
import { Webhooks } from '../views/webhooks/webhooks.js';

export interface ViewSpec {
  /** The first part of its address. */
  readonly name: string;
  readonly title: string;
  /** Pressed after `g`. */
  readonly letter: string;
  /** What it stands with in the list of views. */
  readonly group: 'look' | 'mend' | 'set up' | 'try';
  readonly View: ComponentType;
}

// Charts are the one part that is large and seldom asked for.
const Metrics = lazy(async () => ({ default: (await import('../views/metrics/metrics.js')).Metrics }));

const VIEWS: readonly ViewSpec[] = [
  { name: 'overview', title: 'Overview', letter: 'o', group: 'look', View: Overview },
  { name: 'topics', title: 'Topics', letter: 't', group: 'look', View: Topics },
  { name: 'trace', title: 'Trace', letter: 'e', group: 'look', View: TraceView },
  { name: 'metrics', title: 'Metrics', letter: 'm', group: 'look', View: Metrics },
  { name: 'dead-letters', title: 'Dead letters', letter: 'd', group: 'mend', View: DeadLetters },
  { name: 'replay', title: 'Replay', letter: 'p', group: 'mend', View: Replays },
  { name: 'doctor', title: 'Doctor', letter: 'h', group: 'mend', View: Doctor },
  { name: 'audit', title: 'Audit', letter: 'a', group: 'mend', View: Audit },
  { name: 'routes', title: 'Routes', letter: 'r', group: 'set up', View: Routes },
  { name: 'sinks', title: 'Sinks', letter: 's', group: 'set up', View: Sinks },
  { name: 'webhooks', title: 'Webhooks', letter: 'w', group: 'set up', View: Webhooks },
  { name: 'lab', title: 'Lab', letter: 'l', group: 'try', View: Lab },
];

const WITHOUT_LAB = VIEWS.filter(({ name }) => name !== 'lab');

/** Those that this console has. */
export const useViews = (): readonly ViewSpec[] => {
  const me = useMe();
  return me?.lab === false ? WITHOUT_LAB : VIEWS;
};
