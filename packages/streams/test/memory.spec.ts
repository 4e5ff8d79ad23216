import { MemoryTransport } from '@millrace/streams/memory';
import { describeTransport } from '@millrace/streams/testing';

describeTransport('memory', { open: async () => new MemoryTransport() });
