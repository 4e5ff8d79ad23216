import { useState } from 'react';
import { Button } from './button.js';

const SAID_FOR_MS = 1500;

export const Copy = ({ text, label = 'Copy' }: { text: string; label?: string }) => {
  const [said, setSaid] = useState<string | undefined>();
  const copy = async (): Promise<void> => {
    const ok = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    setSaid(ok ? 'Copied' : 'Blocked by the browser');
    setTimeout(() => setSaid(undefined), SAID_FOR_MS);
  };
  return (
    <Button kind="quiet" onClick={() => void copy()}>
      <span aria-live="polite">{said ?? label}</span>
    </Button>
  );
};
