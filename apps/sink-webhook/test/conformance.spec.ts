import { describeSink } from '@millrace/sink/testing';
import { startReceiver } from '@millrace/testkit';

const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;

describeSink('sink-webhook', {
  program: new URL('../dist/main.js', import.meta.url),
  group: 'hook.default',
  stream: 'hook:default',
  delivers: 'at least once',
  startTarget: async () => {
    const ids: string[] = [];
    const receiver = await startReceiver({
      secret: SECRET,
      respond: ({ body, verified }) => {
        if (verified) ids.push((JSON.parse(body) as { id: string }).id);
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
