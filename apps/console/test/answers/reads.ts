import { ADMIN_API } from '@millrace/admin-api';

/** An operation that only looks, as the document has it. */
export interface Read {
  readonly id: string;
  readonly method: 'GET' | 'POST';
  /** With its placeholders. */
  readonly path: string;
  readonly parameters: readonly string[];
  readonly isStream: boolean;
}

interface Described {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: { readonly 200?: { readonly content?: object } };
}

/** Every GET of the API. */
export const reads = (): Read[] =>
  Object.entries(ADMIN_API.paths).flatMap(([path, methods]) => {
    const described = (methods as { get?: Described }).get;
    if (described === undefined) return [];
    const { operationId: id, parameters = [], responses } = described;
    const isStream = id === 'tailTopic' || 'text/event-stream' in (responses[200]?.content ?? {});
    return [{ id, method: 'GET' as const, path, parameters: parameters.map(({ name }) => name), isStream }];
  });
