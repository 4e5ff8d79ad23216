import { INBOX, topicStream } from '@millrace/streams';
import { Keys } from '@millrace/streams/redis';
import { SinkRedisPubsubConfig } from '../../../../apps/sink-redis-pubsub/src/sink-redis-pubsub-config.js';
import { demand } from './surroundings.js';

const { KEY_PREFIX, CHANNEL } = new SinkRedisPubsubConfig();
const keys = new Keys(KEY_PREFIX);
const KNOWN = [
  ...[INBOX, topicStream('orders')].map((name) => keys.stream({ name, partition: 0 })),
  keys.forced(0),
  CHANNEL.replace('{topic}', 'orders'),
];

/** `redis-cli …`: streams and channels as the services name them. */
export const checkRedisCli = ([verb = '', ...args]: readonly string[]): void => {
  const name = /^xinfo$/i.test(verb) ? args[1] : args[0];
  const isNamed = /^(x\w+|subscribe)$/i.test(verb);
  demand(!isNamed || KNOWN.includes(name ?? ''), `no service has ${name}; there are ${KNOWN.join(', ')}`);
};
