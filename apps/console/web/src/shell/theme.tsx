import { useEffect } from 'react';
import { Store, useStore } from '../api/store.js';
import { Button } from '../ui/button.js';

type Theme = 'light' | 'dark';

const KEY = 'millrace-theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const ofSystem = (): Theme => (system.matches ? 'dark' : 'light');
const kept = (): Theme | null => {
  const value = localStorage.getItem(KEY);
  return value === 'light' || value === 'dark' ? value : null;
};

/** What is drawn: the choice of this browser, else what the system has. */
export const theme = new Store<Theme>(kept() ?? ofSystem());

const show = (): void => {
  document.documentElement.dataset.theme = theme.get();
};
theme.watch(show);
show();

export const ThemeSwitch = () => {
  const current = useStore(theme);
  useEffect(() => {
    const follow = () => kept() ?? theme.set(ofSystem());
    system.addEventListener('change', follow);
    return () => system.removeEventListener('change', follow);
  }, []);
  const other = current === 'dark' ? 'light' : 'dark';
  return (
    <Button
      kind="quiet"
      onClick={() => {
        localStorage.setItem(KEY, other);
        theme.set(other);
      }}
    >
      {other === 'dark' ? 'Dark' : 'Light'}
    </Button>
  );
};
