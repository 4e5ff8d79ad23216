import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** The encodings that the build left beside a file, the smallest first. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/** What has a hash in its name never changes; the rest is asked for again. */
const cachingOf = (name: string): string =>
  name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';

/** The page that `vite build` made: half a megabyte, read once. */
const readBuilt = (folder: string): ReadonlyMap<string, Buffer> => {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
  const files = names.filter((name) => statSync(folder + name).isFile());
  return new Map(files.map((name) => [name, readFileSync(folder + name)]));
};

/** Serves the page that is built in a folder, compressed where the browser takes it. */
export const servePage = (app: NestFastifyApplication, folder: string): void => {
  const built = readBuilt(folder);
  const server = app.getHttpAdapter().getInstance();
  for (const [name, content] of built) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const encoded = ENCODINGS.flatMap(([encoding, end]) => {
      const smaller = built.get(name + end);
      return smaller === undefined ? [] : [{ encoding, content: smaller }];
    });
    const send = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const takes = String(request.headers['accept-encoding'] ?? '');
      const best = encoded.find(({ encoding }) => takes.includes(encoding));
      void reply.headers({ 'content-type': type, 'cache-control': cachingOf(name), vary: 'accept-encoding' });
      if (best !== undefined) void reply.header('content-encoding', best.encoding);
      return reply.send(best?.content ?? content);
    };
    server.get(name === 'index.html' ? '/' : `/${name}`, send);
  }
};
