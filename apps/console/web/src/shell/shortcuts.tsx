import { useEffect, useState } from 'react';
import { Dialog } from '../ui/dialog.js';
import { go, href } from './location.js';
import { useViews } from './views.js';

const SECOND_KEY_WITHIN_MS = 1500;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** `g` and a letter go to a view, `/` to the search, `?` shows them all. */
export const Shortcuts = ({ onMenu }: { onMenu: () => void }) => {
  const [isOpen, setOpen] = useState(false);
  const views = useViews();
  useEffect(() => {
    let wentAt = 0;
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]') !== null) return;
      const view = views.find(({ letter }) => letter === event.key);
      if (wentAt > 0 && Date.now() - wentAt < SECOND_KEY_WITHIN_MS && view !== undefined) go(href([view.name]));
      else if (event.key === '/') document.getElementById('find')?.focus();
      else if (event.key === '?') setOpen(true);
      else if (event.key === 'Escape') onMenu();
      else if (event.key !== 'g') return;
      wentAt = event.key === 'g' ? Date.now() : 0;
      event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [onMenu, views]);

  if (!isOpen) return null;
  return (
    <Dialog title="Keyboard shortcuts" onClose={() => setOpen(false)}>
      <ul className="keys">
        <li>
          <kbd>/</kbd> find an event
        </li>
        <li>
          <kbd>?</kbd> this list
        </li>
        {views.map(({ name, title, letter }) => (
          <li key={name}>
            <kbd>g</kbd> <kbd>{letter}</kbd> {title}
          </li>
        ))}
        <li>
          <kbd>↑</kbd> <kbd>↓</kbd> <kbd>Enter</kbd> in a list
        </li>
      </ul>
    </Dialog>
  );
};
