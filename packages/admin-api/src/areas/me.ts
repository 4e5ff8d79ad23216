import { get } from '../operation.js';
import { described, type Json, named, object, oneOf, type Shape, text, yes } from '../schema.js';

/** What somebody may do: look; also send again, pause and delete; also change what is decided. */
export const Role = oneOf('read', 'operate', 'admin');
export type Role = Shape<typeof Role>;

export const Me = named(
  'Me',
  object({
    name: text,
    role: Role,
    auth: oneOf('on', 'off'),
    lab: described(yes, 'Whether this console has the lab'),
  }),
);
export type Me = Shape<typeof Me>;

export const ME_PATHS: Json = {
  '/api/me': { get: get('me', 'Permissions of the API key of the request', Me) },
};
