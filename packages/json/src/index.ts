/** JSON without loss: numbers that a double does not hold keep their digits, from the text to the text. Pure. */
export { isTooDeep, MAX_DEPTH } from './depth.js';
export { ExactNumber, ExactNumberError, numberOf } from './exact-number.js';
export { type JsonMember, type JsonNode, parseNode } from './json-node.js';
export { mayBeInexact, parseJson } from './parse.js';
export { pointerTo } from './pointer.js';
export { shown, writeJson } from './write.js';
