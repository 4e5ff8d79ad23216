import { ADMIN_API, type Json } from '@millrace/admin-api';
import { LOG_LEVELS } from '@millrace/host';
import { MOST_PARTITIONS } from '@millrace/operations';
import { AGGREGATES } from '@millrace/series';

const bodyOf = (method: string, path: string): Json =>
  ADMIN_API.paths[path]?.[method]?.requestBody?.content['application/json']?.schema['properties'] as Json;

/** The contract has no dependency: it says itself what packages say that it knows nothing of. */
it('the contract takes what is taken by those who do it', () => {
  expect(bodyOf('post', '/api/partitions/raise')['to']).toMatchObject({ minimum: 1, maximum: MOST_PARTITIONS });
  expect(bodyOf('put', '/api/logs/level/{service}')['level']).toEqual({ enum: [...LOG_LEVELS] });
  const parameters = ADMIN_API.paths['/api/series']?.['get']?.parameters ?? [];
  expect(parameters.find(({ name }) => name === 'aggregate')?.schema).toEqual({ enum: [...AGGREGATES] });
});
