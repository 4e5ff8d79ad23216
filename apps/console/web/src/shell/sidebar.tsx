import { useLive } from '../api/live.js';
import { useMe } from '../api/me.js';
import { signOut } from '../api/session.js';
import { Button } from '../ui/button.js';
import { compact } from '../ui/format.js';
import { href, usePlace } from './location.js';
import { ThemeSwitch } from './theme.js';
import { useViews, type ViewSpec } from './views.js';

const Mark = () => (
  <svg
    width="18"
    height="18"
    viewBox="0 0 18 18"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.8"
    strokeLinecap="round"
    aria-hidden="true"
  >
    <path d="M1.5 4.5c3.5 0 4 3 7.5 3s4-3 7.5-3M1.5 9c3.5 0 4 3 7.5 3s4-3 7.5-3M1.5 13.5c3.5 0 4 3 7.5 3s4-3 7.5-3" />
  </svg>
);

const GROUPS: readonly ViewSpec['group'][] = ['observe', 'operate', 'configure', 'try'];

/** The views, what this key may do, and how the page looks. */
export const Sidebar = () => {
  const { parts } = usePlace();
  const me = useMe();
  const views = useViews();
  const letters = useLive().snapshot?.summary.deadLetters ?? 0;
  const current = parts[0] ?? 'overview';
  return (
    <nav className="sidebar" aria-label="Views">
      <a className="brand" href={href([])}>
        <Mark />
        Millrace
      </a>
      <div className="nav">
        {GROUPS.map((group) => (
          <ul key={group}>
            {views
              .filter((view) => view.group === group)
              .map(({ name, title }) => (
                <li key={name}>
                  <a href={href([name])} aria-current={name === current ? 'page' : undefined}>
                    {title}
                    {name === 'dead-letters' && letters > 0 ? <span className="number">{compact(letters)}</span> : null}
                  </a>
                </li>
              ))}
          </ul>
        ))}
      </div>
      <div className="foot">
        {me === undefined ? null : (
          <div className="row">
            <span title={me.name === '' ? undefined : `key ${me.name}`}>
              {me.auth === 'off' ? 'Authentication disabled' : `Role ${me.role}`}
            </span>
            {me.auth === 'on' ? (
              <Button kind="quiet" onClick={signOut}>
                Sign out
              </Button>
            ) : null}
          </div>
        )}
        <div className="row">
          <a href="docs">Admin API</a>
          <ThemeSwitch />
        </div>
        <p>
          <kbd>?</kbd> keyboard shortcuts
        </p>
      </div>
    </nav>
  );
};
