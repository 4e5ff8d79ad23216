import { channelOf } from '../src/redis-pubsub-sink.js';

it.each([
  ['millrace:{topic}', 'order.paid', 'millrace:orders'],
  ['{topic}/{type}/{topic}', 'order.paid', 'orders/order.paid/orders'],
  ['{type}', "$& $1 $$ $'", "$& $1 $$ $'"],
  ['{type}', '{topic}', '{topic}'],
  ['all', 'order.paid', 'all'],
])('%s with the type %s is the channel %s', (template, type, channel) => {
  expect(channelOf(template, 'orders', type)).toBe(channel);
});
