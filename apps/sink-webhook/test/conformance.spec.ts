import { describeSink } from '@millrace/sink/testing';
import { startReceiver } from '@millrace/testkit';

const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;

describeSink('sink-webhook', {
  program: new URL('../dist/main.js', import.meta.url),
  group: 'hook.default',
  stream: 'hook:default',
  delivers: 'at least once',
  refusedOnce: { subject: 'refused' },
  startTarget: async () => {
    const ids: string[] = [];
    let hasRefused = false;
    const receiver = await startReceiver({
      secret: SECRET,
      respond: ({ body, verified }) => {
        const { id, subject } = JSON.parse(body) as { id: string; subject?: string };
        if (subject === 'refused' && !hasRefused) {
          hasRefused = true;
          return { status: 500 };
        }
        if (verified) ids.push(id);
        return { status: verified ? 204 : 401 };
      },
    });
    return {
      port: receiver.port,
      env: (port) => ({
        WEBHOOK_URL: `http://127.0.0.1:${port}/`,
        WEBHOOK_SECRET: SECRET,
        ALLOW_NETWORKS: '127.0.0.0/8',
        REQUEST_TIMEOUT: '5s',
      }),
      arrived: async () => ids,
      stop: () => receiver.stop(),
    };
  },
});
