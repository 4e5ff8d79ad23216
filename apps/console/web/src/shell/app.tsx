import type { Me } from '@millrace/admin-api';
import { Component, type ReactNode, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { useWatchLive } from '../api/live.js';
import { MeContext } from '../api/me.js';
import { isSignInNeeded } from '../api/session.js';
import { useStore } from '../api/store.js';
import { useQuery } from '../api/use-query.js';
import { Button } from '../ui/button.js';
import { Empty, Loading, Problem } from '../ui/panel.js';
import { Find } from './find.js';
import { LiveState } from './live-state.js';
import { href, usePlace } from './location.js';
import { Shortcuts } from './shortcuts.js';
import { Sidebar } from './sidebar.js';
import { SignIn } from './sign-in.js';
import { useViews } from './views.js';

/** A view that fails says so in its place; the others go on. */
class Caught extends Component<{ readonly children: ReactNode }, { readonly error?: Error }> {
  override state: { readonly error?: Error } = {};

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return <Problem error={new Error(`This view failed: ${error.message}. Reload the page, or open another view.`)} />;
  }
}

const Body = ({ name }: { name: string }) => {
  const view = useViews().find((one) => one.name === name);
  useEffect(() => {
    document.title = view === undefined ? 'Millrace' : `${view.title} · Millrace`;
  }, [view]);
  if (view === undefined) {
    return (
      <Empty title="Page not found.">
        <a href={href([])}>Go to the overview</a>
      </Empty>
    );
  }
  return (
    <Caught key={name}>
      <Suspense fallback={<Loading what="the view" />}>
        <view.View />
      </Suspense>
    </Caught>
  );
};

const Frame = () => {
  const [isOpen, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const { parts } = usePlace();
  const name = parts[0] ?? 'overview';
  const close = useCallback(() => setOpen(false), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another view closes the menu and begins at its top
  useEffect(() => {
    close();
    scrollTo(0, 0);
  }, [name, close]);
  return (
    <div className={isOpen ? 'shell is-open' : 'shell'}>
      {/* biome-ignore lint/a11y/useValidAnchor: a fragment would be a view of this page */}
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <Sidebar />
      {isOpen ? <button type="button" className="shade" aria-label="Close the menu" onClick={close} /> : null}
      <div className="body">
        <header className="top">
          <span className="menu">
            <Button onClick={() => setOpen(!isOpen)}>Menu</Button>
          </span>
          <Find />
          <LiveState />
        </header>
        <main className="content" id="main" ref={main} tabIndex={-1}>
          <Body name={name} />
        </main>
      </div>
      <Shortcuts onMenu={close} />
    </div>
  );
};

export const App = () => {
  useWatchLive();
  const needed = useStore(isSignInNeeded);
  const me = useQuery<Me>('me');
  if (needed) return <SignIn />;
  return (
    <MeContext value={me.data}>
      <Frame />
    </MeContext>
  );
};
