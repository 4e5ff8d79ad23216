import './promises.css';
import type { ReactNode } from 'react';
import { useLive } from '../../api/live.js';
import { href } from '../../shell/location.js';
import { Sparkline } from '../../ui/sparkline.js';
import { useNow } from '../../ui/time.js';
import { type Promised, promisesOf } from './promised.js';

const Tile = ({ name, value, note, tone, to, values }: Promised): ReactNode => (
  <li>
    <a href={href(to)}>
      <span className="soft">{name}</span>
      <strong className={`tabular ${tone ?? ''}`}>{value}</strong>
      <small className="soft">{note}</small>
      <Sparkline values={values} />
    </a>
  </li>
);

/** A number for each promise that the pipeline makes. */
export const Promises = () => {
  const { snapshot, history } = useLive();
  const now = useNow();
  if (snapshot === null) return <ul className="promises" aria-hidden="true" />;
  return (
    <ul className="promises" aria-label="Key figures">
      {promisesOf(snapshot.summary, history, now).map((one) => (
        <Tile key={one.name} {...one} />
      ))}
    </ul>
  );
};
