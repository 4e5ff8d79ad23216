import { answer, operation, problem } from '../operation.js';
import { anyObject, type Json } from '../schema.js';

const later = (description: string): Json => problem(`${description}; nothing was accepted`);

export const PUBLISH_PATHS: Json = {
  '/api/events': {
    post: operation('publish', 'Hands events to the gateway as they are, and gives its answer: see its own document', {
      body: anyObject,
      answers: {
        202: answer('The answer of the gateway', anyObject),
        409: problem('An event of another type was accepted with the same source and id'),
        422: problem('An attribute is missing or not valid'),
        429: later('The pipeline is behind, or the API key at its limit'),
      },
    }),
  },
};
