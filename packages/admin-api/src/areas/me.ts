import * as op from '../operation.js';
import * as s from '../schema.js';

/** What somebody may do: look; also send again, pause and delete; also change what is decided. */
export const Role = s.oneOf('read', 'operate', 'admin');
export type Role = s.Shape<typeof Role>;

export const Me = s.model('Me', {
  name: s.text,
  role: Role,
  auth: s.oneOf('on', 'off'),
  lab: s.described(s.yes, 'Whether this console has the lab'),
});
export type Me = s.Shape<typeof Me>;

export const ME_PATHS: s.Json = {
  '/api/me': { get: op.get('me', 'Permissions of the API key of the request', Me) },
};
