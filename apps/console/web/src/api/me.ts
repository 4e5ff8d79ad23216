import type { Me, Role } from '@millrace/admin-api';
import { createContext, useContext } from 'react';

const RANK: Readonly<Record<Role, number>> = { read: 0, operate: 1, admin: 2 };

export const MeContext = createContext<Me | undefined>(undefined);

export const useMe = (): Me | undefined => useContext(MeContext);

/** Why the signed-in user may not do what needs a role, in a sentence; undefined where they may. */
export const useRefusal = (needs: Role): string | undefined => {
  const me = useMe();
  if (me === undefined) return needs === 'read' ? undefined : 'The role of this key is still loading.';
  if (RANK[me.role] >= RANK[needs]) return undefined;
  return `Requires a key with the role ${needs}; yours has ${me.role}.`;
};
