import { ADMIN_API } from '@millrace/admin-api';

/** An operation of the admin API that does something, as its document has it. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  /** `/api/routes/{name}` */
  readonly path: string;
  /** Members of its body; undefined where it takes none. */
  readonly members: readonly string[] | undefined;
  readonly optional: readonly string[];
}

const CHANGES = ['post', 'put', 'patch', 'delete'];

interface Described {
  readonly operationId: string;
  readonly requestBody?: { content: Record<string, { schema: BodySchema }> };
}

interface BodySchema {
  readonly $ref?: string;
  readonly properties?: object;
  readonly required?: readonly string[];
}

/** All of them. */
export const operations = (): Operation[] => {
  const { paths, components } = ADMIN_API;
  const schemas = components.schemas as Record<string, BodySchema>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Described>)
      .filter(([method]) => CHANGES.includes(method))
      .map(([method, { operationId, requestBody }]) => {
        const given = requestBody?.content['application/json']?.schema;
        const schema = given?.$ref === undefined ? given : schemas[given.$ref.split('/').at(-1) as string];
        const members = requestBody === undefined ? undefined : Object.keys(schema?.properties ?? {});
        const optional = (members ?? []).filter((name) => !(schema?.required ?? []).includes(name));
        return { id: operationId, method: method.toUpperCase(), path, members, optional };
      }),
  );
};
