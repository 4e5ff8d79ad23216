import { numberOf } from './exact-number.js';
import { type JsonMember, type JsonNode, parseNode } from './json-node.js';

// Only such a number may be one that a double does not hold. Also true of such text in strings, at the price of time.
// Sixteen digits are exact up to 9007199254740992, as microseconds since 1970 are.
const SUSPICIOUS = /\d[\d.]{16}|9[\d.]{15}|\d[\d.]{15}[eE]|\d[eE][+-]?\d{3}/;

/** Whether a text may hold a number that a double does not. Where it says no, `JSON.parse` loses nothing. */
export const mayBeInexact = (text: string): boolean => SUSPICIOUS.test(text);

/**
 * `JSON.parse`, but for numbers that a double does not hold, which are `ExactNumber`s. A text without any costs a search
 * more. Throws a `SyntaxError`; where it holds such numbers, also for more than 512 levels.
 */
export const parseJson = (text: string): unknown => (mayBeInexact(text) ? toValue(parseNode(text)) : JSON.parse(text));

const toValue = (node: JsonNode): unknown => {
  switch (node.kind) {
    case 'object':
      return objectOf(node.members);
    case 'array':
      return node.elements.map(toValue);
    case 'number':
      return numberOf(node.text);
    default:
      return node.value;
  }
};

const objectOf = (members: readonly JsonMember[]): Record<string, unknown> => {
  const object: Record<string, unknown> = {};
  for (const { key, node } of members) {
    // As JSON.parse does: a member, and not the prototype.
    if (key === '__proto__') {
      Object.defineProperty(object, key, {
        value: toValue(node),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    } else object[key] = toValue(node);
  }
  return object;
};
