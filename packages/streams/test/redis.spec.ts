import { RedisTransport } from '@millrace/streams/redis';
import { describeTransport } from '@millrace/streams/testing';
import { describeOnRealRedis, mayUseDocker, type RedisServer, startRedis } from '@millrace/testkit';

let prefixes = 0;

/** The contract on one server for all tests; each test has keys of its own. */
const contractOn = (name: string, flavour: 'native' | 'js' | 'docker'): void => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis({ flavour });
  });
  afterAll(() => server.stop());
  describeTransport(name, {
    open: async () => new RedisTransport({ url: server.url, keyPrefix: `test${prefixes++}:` }),
  });
};

describe('js-redis-server', () => contractOn('js-redis-server', 'js'));

describeOnRealRedis('redis-server', () => contractOn('redis-server', 'native'));

const describeDocker = mayUseDocker() ? describe : describe.skip;

describeDocker('Redis 8 in Docker (needs MILLRACE_TEST_DOCKER=1)', () => contractOn('Redis 8', 'docker'));
