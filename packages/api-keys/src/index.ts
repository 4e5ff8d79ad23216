/** API keys: what they may do, who holds one, and their versions in Redis. */
export { ApiKeys } from './api-keys.js';
export { type EnvironmentKey, KeyRefused, KeyRing, type KeyRingOptions } from './key-ring.js';
export { KeyStore, type MadeKey } from './key-store.js';
export { API_KEYS } from './keys-kind.js';
export { OPEN_PRINCIPAL, Principal } from './principal.js';
export { parseRateLimit, type RateLimit } from './rate-limit.js';
export {
  isScope,
  KeyError,
  type KeyRules,
  type KeySecret,
  parseRules,
  SCOPES,
  type Scope,
  type StoredKey,
} from './stored-key.js';
export { hashOf, parseToken, type Token } from './token.js';
