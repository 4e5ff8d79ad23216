import { Store } from './store.js';

const KEY = 'millrace-api-key';

/** The API key of this tab; null where none was given. It is gone when the tab is closed. */
export const apiKey = new Store<string | null>(sessionStorage.getItem(KEY));

/** Whether the console asked for a key that it knows. */
export const isSignInNeeded = new Store(false);

export const signIn = (key: string): void => {
  sessionStorage.setItem(KEY, key);
  isSignInNeeded.set(false);
  apiKey.set(key);
};

export const signOut = (): void => {
  sessionStorage.removeItem(KEY);
  isSignInNeeded.set(true);
  apiKey.set(null);
};

export const keyHeaders = (): Record<string, string> => {
  const key = apiKey.get();
  return key === null ? {} : { authorization: `Bearer ${key}` };
};
