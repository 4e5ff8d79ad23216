import { print, style } from '../print.js';
import { type Account, discrepancies } from './account.js';
import { table } from './table.js';

/** Prints where every event is, and whether it adds up. Gives whether it does. */
export const printAccount = (account: Account): boolean => {
  const { answers, topics, webhooks, samples, rollups, deadLetters } = account;
  print();
  const { sent, accepted, duplicates, rejected } = answers;
  const lines = [
    ...table(
      ['gateway', 'events'],
      [
        ['sent', sent],
        ['accepted', accepted],
        ['duplicates', duplicates],
        ['rejected', rejected],
      ],
    ),
    '',
    ...table(
      ['topic', 'expected', 'routed', 'rows in Postgres'],
      topics.map(({ topic, expected, routed, rows }) => [topic, expected, routed, rows]),
    ),
    '',
    ...table(
      ['delivered', 'expected', 'found'],
      [
        ['webhooks, signature verified', webhooks.expected, webhooks.found],
        ['samples', samples.expected, samples.found],
        ['points of rollups', rollups.expected, rollups.found],
        ['dead letters', 0, deadLetters],
      ],
    ),
  ];
  for (const line of lines) print(line === '' ? '' : `  ${line}`);
  print();
  const wrong = discrepancies(account);
  if (wrong.length === 0) print(style('green', `  Everything adds up: all ${sent} events are accounted for.`));
  else print(style('red', `  It does not add up:\n    ${wrong.join('\n    ')}`));
  print();
  return wrong.length === 0;
};
