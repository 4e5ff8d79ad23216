import type { Sample } from './sample.js';

/** A picture: a place of the page, and how it is looked at. */
export interface Shot {
  readonly name: string;
  /** What follows `#/`. */
  readonly place: string;
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  /** What has to be seen before the picture is taken. */
  readonly until: string;
  /** Clicked first. */
  readonly click?: string;
}

const PHONE = { width: 390, height: 844 } as const;

/** Every view once, two at the width of a telephone, two in the dark. */
export const shotsOf = ({ failed }: Sample): readonly Shot[] => {
  const trace = `trace?source=${encodeURIComponent(failed.source)}&id=${failed.id}`;
  return [
    { name: 'overview', place: 'overview', until: '.rate.moving' },
    { name: 'overview-dark', place: 'overview', until: '.rate.moving', scheme: 'dark' },
    { name: 'overview-390', place: 'overview', until: '.rate.moving', ...PHONE },
    { name: 'topics', place: 'topics', until: 'text=telemetry' },
    { name: 'topic', place: 'topics/orders', until: 'text=customer-', click: '[role=option] >> nth=2', height: 1000 },
    { name: 'trace', place: trace, until: '.way .deliveries', height: 1000 },
    { name: 'metrics', place: 'metrics', until: '.u-wrap' },
    {
      name: 'dead-letters',
      place: 'dead-letters',
      until: '[role=option]',
      click: '[role=option] >> nth=0',
      height: 1000,
    },
    { name: 'dead-letters-390', place: 'dead-letters', until: '[role=option]', ...PHONE },
    { name: 'replay', place: 'replay', until: 'progress' },
    { name: 'routes', place: 'routes', until: 'text=large-orders' },
    { name: 'route', place: 'routes/large-orders', until: 'text=of the last', height: 1000 },
    { name: 'route-dark', place: 'routes/large-orders', until: 'text=of the last', scheme: 'dark', height: 1000 },
    { name: 'sinks', place: 'sinks/sink-postgres', until: 'text=Reads' },
    { name: 'webhooks', place: 'webhooks/mirror', until: 'text=Resend' },
    { name: 'lab', place: 'lab/unrouted', until: '.lane .mark' },
    { name: 'audit', place: 'audit', until: 'tbody tr' },
    { name: 'doctor', place: 'doctor', until: '.findings li' },
  ];
};
