export { MemoryTransport } from './transport.js';
