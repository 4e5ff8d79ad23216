import { HealthController } from '../src/health.js';
import { Health } from '../src/index.js';

const readiness = (health: Health): unknown[] => {
  let code = 200;
  const answer = new HealthController(health).ready({ status: (given) => (code = given) });
  return [code, answer.status, answer.dependencies];
};

describe('the health of a process', () => {
  it('is ready while all that it depends on is there', () => {
    const health = new Health();
    expect(readiness(health)).toEqual([200, 'ready', {}]);
    health.up('redis');
    health.down('postgres', 'connection refused');
    expect([health.isUp('redis'), health.isUp('postgres'), health.isUp('unknown')]).toEqual([true, false, false]);
    expect(readiness(health)).toEqual([503, 'not ready', { redis: 'up', postgres: 'down: connection refused' }]);
    health.up('postgres');
    expect(readiness(health)).toEqual([200, 'ready', { redis: 'up', postgres: 'up' }]);
    health.down('redis', 'away');
    expect(readiness(health)[0]).toBe(503);
  });

  it('shows notes, which do not decide', () => {
    const health = new Health();
    health.up('redis');
    health.note('endpoint billing', 'retrying');
    expect(readiness(health)).toEqual([200, 'ready', { redis: 'up', 'endpoint billing': 'retrying' }]);
    health.note('endpoint billing', undefined);
    expect(health.report()).toEqual({ redis: 'up' });
  });

  it('is live whatever it is', () => {
    const health = new Health();
    health.down('redis', 'away');
    expect(new HealthController(health).live()).toEqual({ status: 'live' });
  });
});
