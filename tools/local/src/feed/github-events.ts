import { createRequire } from 'node:module';
import type { FeedEvent } from './event.js';

interface Payload {
  readonly action?: string;
  readonly repository?: { readonly full_name?: string };
}

interface Example {
  readonly name: string;
  readonly examples: readonly Payload[];
}

// 12 MB of JSON: `require` reads it once, an import attribute would need another Node.
const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly Example[];

const PUSHES = new Set(['push', 'create', 'delete']);

const topicsOf = (name: string, action: string | undefined): string[] => {
  const topics = [
    ...(action === undefined ? [] : ['github']),
    ...(PUSHES.has(name) ? ['pushes'] : []),
    ...(name.startsWith('pull_request') ? ['code-review'] : []),
  ];
  return topics.length > 0 ? topics : ['unrouted'];
};

/** GitHub's own examples of its webhooks, as `github.<event>[.<action>]`. */
export const githubEvents = (run: string): FeedEvent[] =>
  examples.flatMap(({ name, examples: payloads }) =>
    payloads.map((data, index) => {
      const repository = data.repository?.full_name;
      return {
        topics: topicsOf(name, data.action),
        event: {
          specversion: '1.0' as const,
          id: `${run}-${name}-${index}`,
          source: 'https://github.com',
          type: data.action === undefined ? `github.${name}` : `github.${name}.${data.action}`,
          ...(repository === undefined ? {} : { subject: repository }),
          datacontenttype: 'application/json' as const,
          data,
        },
      };
    }),
  );
