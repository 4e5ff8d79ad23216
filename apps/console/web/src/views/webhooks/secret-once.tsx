import type { ReactNode } from 'react';
import { Copy } from '../../ui/copy.js';
import { Dialog } from '../../ui/dialog.js';

interface SecretOnceProps {
  readonly title: string;
  readonly secret: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
}

/** A secret that was made, this once. */
export const SecretOnce = ({ title, secret, children, onClose }: SecretOnceProps) => (
  <Dialog title={title} onClose={onClose} actions={<Copy text={secret} label="Copy the secret" />}>
    <p>{children}</p>
    <pre className="code">{secret}</pre>
  </Dialog>
);
