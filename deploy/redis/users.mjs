// The users of Redis, one for each service with the least that it needs, as the text of an ACL file:
//
//   node deploy/redis/users.mjs --prefix mr: > users.acl
//
// Passwords come from MILLRACE_REDIS_PASSWORD_GATEWAY and the like; those that are missing are made, and told on standard
// error, as variables of an env file. The file holds their SHA-256 alone. A further sink has its user as soon as its folder is in apps/; one from
// elsewhere, or with a GROUP of its own, by --group NAME. --redis 7.2 for that and what
// came after it, and Valkey; --timeseries where the server has that module and series are to be kept in it: without it they are
// kept in plain Redis, and those that the module made are refused.
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { argv, env, exit, stderr, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const APPS = fileURLToPath(new URL('../../apps', import.meta.url));

/** What every connection asks. No CONFIG: INFO says what has to be known. */
const CONNECTION =
  'ping info time select command|info client|id client|setname client|unblock cluster|slots cluster|keyslot function|list';

/**
 * What the Functions of every service do, on keys of its own; EVAL, as a Redis that is full loads no Functions. It may not load
 * them: whoever may could replace those that others call, with the rights of these.
 */
const ALL =
  'readonly multi exec discard wait fcall fcall_ro eval evalsha type get exists hget hmget hgetall hset hdel hlen ' +
  'hincrby hexists xadd xlen xrange xrevrange xinfo|stream xinfo|groups xinfo|consumers pexpire unlink';

/** What a group does with a stream that is not its own: it reads and acknowledges, and neither adds nor deletes. */
const GROUP =
  'fcall fcall_ro eval evalsha type exists xlen xrange xrevrange xinfo|stream xinfo|groups xinfo|consumers xreadgroup xack ' +
  'xclaim xpending xgroup|create xgroup|createconsumer xgroup|delconsumer';

/** What Redis 7.0 does not know, and would not load a file with. */
const FROM_7_2 = 'client|setinfo waitaof';

/** What reads a stream as a group and settles it. */
const CONSUMER =
  'xreadgroup xack xclaim xdel xpending xgroup|create xgroup|createconsumer xgroup|delconsumer ' +
  'zadd zrem zrange zrangebyscore zcard zscore hstrlen persist hvals smembers sadd';

/** Samples in plain Redis, and with the module. */
const SERIES = 'zadd zrem zrange zrangebyscore zrevrange zremrangebyscore zcard setnx hscan';
const TIMESERIES =
  'ts.add ts.madd ts.create ts.alter ts.info ts.get ts.range ts.revrange ts.mget ts.mrange ts.createrule';

const inPartitions = (...names) => names.map((name) => `{p*}:${name}`);
const inControl = (...names) => names.map((name) => `{ctl}:${name}`);

/** What a group of its own has, beside the streams that it reads. */
const keysOfGroup = (group) =>
  inPartitions(...['parked', 'again', 'dead', 'lease'].map((name) => `${name}:${group}`), `parked:${group}:payloads`);

/**
 * What every process asks for each second, in a Function that may write to it, and gates that whoever sees that they were
 * left closed opens again.
 */
const EVERYBODY = [...inControl('partitions', 'controls'), ...inPartitions('gate')];
/** Of those who consume: counters, what became of events, who is there. */
const SHARED = [...EVERYBODY, ...inPartitions('frames', 'trace:*'), ...inControl('sinks', 'topics')];
const SHARED_READ = inControl('routes', 'routes:version');

const sink = (group) => ({
  commands: [CONSUMER],
  keys: [...SHARED, ...keysOfGroup(group)],
  groupsOn: inPartitions('topic:*'),
  // Of the window: when an event came in, for the end-to-end latency.
  reads: [...SHARED_READ, ...inPartitions('seen:*')],
});

const ROLES = {
  gateway: ({ timeseries }) => ({
    commands: [CONSUMER, 'xautoclaim', SERIES, ...(timeseries ? [TIMESERIES] : [])],
    // Those of the measurements API too, INGEST_*.
    keys: [
      ...EVERYBODY,
      ...inPartitions('in', 'frames', 'seen:*'),
      '{rate:*',
      'telemetry:*',
      '{telemetry}:*',
      '{telemetry:*',
    ],
    reads: [...inControl('schemas', 'schemas:version', 'keys', 'keys:version', 'sinks')],
    // Of a series store whose keys have no hash tag all of the prefix is one.
    tags: ['telemetry:metrics'],
  }),
  router: () => ({
    commands: [CONSUMER, 'xgroup|setid xtrim set memory|usage zscan'],
    // It shortens every stream that a group reads, and what groups leave.
    keys: [
      ...SHARED,
      ...inControl('routes:file'),
      ...keysOfGroup('router'),
      ...inPartitions('in', 'topic:*', 'again:*', 'hook:*', 'dead:*', 'parked:*', 'forced', 'routes'),
    ],
    reads: SHARED_READ,
  }),
  console: ({ timeseries }) => ({
    commands: [
      CONSUMER,
      SERIES,
      'xgroup|setid xgroup|destroy set incr hscan memory|usage xread pttl',
      ...(timeseries ? [TIMESERIES] : []),
    ],
    // Who may delete what waits, send it again and change every setting may write nearly everywhere, but not what came in.
    keys: [
      ...inPartitions(
        'topic:*',
        'again:*',
        'dead:*',
        'hook:*',
        'parked:*',
        'lease:*',
        'frames',
        'trace:*',
        'lab:*',
        'replay:*',
        'redrive:*',
        'series*',
        'gate',
      ),
      ...inControl('*'),
    ],
    reads: inPartitions('*'),
  }),
  'sink-webhook': () => {
    const own = sink('sink-webhook');
    return {
      ...own,
      // It shortens the queues of endpoints that take nothing.
      commands: [...own.commands, 'xtrim memory|usage'],
      // It also says in `in` that it gave an endpoint up.
      keys: [
        ...own.keys,
        ...keysOfGroup('hook.*'),
        ...inPartitions('hook:*', 'in', 'seen:*', 'forced'),
        ...inControl('endpoints:*'),
      ],
      reads: [...own.reads, ...inControl('endpoints', 'endpoints:version')],
    };
  },
  'sink-timeseries': ({ timeseries }) => {
    const own = sink('sink-timeseries');
    return {
      ...own,
      commands: [...own.commands, SERIES, ...(timeseries ? [TIMESERIES] : [])],
      keys: [...own.keys, ...inPartitions('series*')],
    };
  },
  'sink-redis-pubsub': () => ({
    ...sink('sink-redis-pubsub'),
    commands: [CONSUMER, 'publish'],
    channels: ['millrace:*'],
  }),
};

/** Services that Redis knows a user for: those of apps/, but for the command line, and further groups. */
export const services = (groups = []) => [
  ...readdirSync(APPS).filter((name) => name !== 'cli'),
  ...groups.filter((name) => !(name in ROLES)),
];

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

const userOf = (service, password, { prefix, timeseries, isNewer }) => {
  const role = (ROLES[service] ?? (() => sink(service)))({ timeseries });
  const { commands, keys, groupsOn, reads = [], tags = [], channels = [] } = role;
  const own = [
    ...keys.map((key) => `~${prefix}${key}`),
    ...tags.map((key) => `~{${prefix}${key}}*`),
    ...reads.map((key) => `%R~${prefix}${key}`),
  ];
  return [
    begin(service, password),
    ...own,
    ...channels.map((channel) => `&${channel}`),
    ...allow(CONNECTION, ALL, ...(isNewer ? [FROM_7_2] : []), ...commands),
    // A call may name a stream of others and keys of its own.
    ...(groupsOn === undefined
      ? []
      : [`(${[...groupsOn.map((key) => `~${prefix}${key}`), ...own, ...allow(GROUP)].join(' ')})`]),
  ].join(' ');
};

const begin = (user, password) => `user ${user} on sanitize-payload resetchannels resetkeys -@all #${sha256(password)}`;
const allow = (...commands) => [...new Set(commands.flatMap((names) => names.split(' ')))].map((name) => `+${name}`);

/** Loads the Functions of a version before its services start, and may delete those of earlier ones; no key is its business. */
const loaderOf = (password, { isNewer }) =>
  [
    begin('loader', password),
    ...allow(CONNECTION, ...(isNewer ? [FROM_7_2] : []), 'readonly function|load function|delete'),
  ].join(' ');

/**
 * The text of an ACL file; `passwords` by service. Nobody may do anything without a user, and only `admin` may everything: it
 * is for people, and for whoever watches over Redis.
 */
export const aclOf = ({ prefix = 'mr:', passwords, groups = [], timeseries = false, isNewer = false }) =>
  [
    'user default off resetpass resetkeys resetchannels -@all',
    `user admin on sanitize-payload ~* &* +@all #${sha256(passwords.admin)}`,
    loaderOf(passwords.loader, { isNewer }),
    ...services(groups).map((service) => userOf(service, passwords[service], { prefix, timeseries, isNewer })),
    '',
  ].join('\n');

const main = () => {
  const { values } = parseArgs({
    options: {
      prefix: { type: 'string', default: 'mr:' },
      group: { type: 'string', multiple: true, default: [] },
      redis: { type: 'string', default: '7.0' },
      timeseries: { type: 'boolean', default: false },
    },
  });
  if (!/^[\w:.-]{1,64}$/.test(values.prefix)) throw new Error(`--prefix: "${values.prefix}" is no KEY_PREFIX`);
  const wrong = values.group.find((name) => !/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(name));
  if (wrong !== undefined) throw new Error(`--group: "${wrong}" is no name of a group`);
  if (!/^\d+\.\d+/.test(values.redis)) throw new Error(`--redis: "${values.redis}" is no version`);
  const [major, minor] = values.redis.split('.').map(Number);
  const isNewer = major > 7 || (major === 7 && minor >= 2);
  const passwords = {};
  for (const name of ['admin', 'loader', ...services(values.group)]) {
    const variable = `MILLRACE_REDIS_PASSWORD_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
    passwords[name] = env[variable] || randomBytes(32).toString('base64url');
    if (!env[variable]) stderr.write(`${variable}=${passwords[name]}\n`);
  }
  stdout.write(aclOf({ ...values, isNewer, groups: values.group, passwords }));
};

if (argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main();
  } catch (error) {
    stderr.write(`${error.message}\n`);
    exit(64);
  }
}
