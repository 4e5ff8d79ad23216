export { BatchHandler } from './batch-handler.js';
export { PassThroughFilter } from './pass-through.filter.js';
export { StreamClient, type StreamClientOptions } from './stream-client.js';
export { StreamContext } from './stream-context.js';
export { StreamServer, type StreamServerOptions } from './stream-server.js';
