/**
 * Takes webhooks and forgets them; the same for both sides, and in nobody's figures.
 *
 *   PORT
 */
import { createServer } from 'node:http';

createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(204).end());
}).listen(Number(process.env.PORT), '127.0.0.1', () => process.stdout.write('ready\n'));
process.once('SIGTERM', () => process.exit(0));
