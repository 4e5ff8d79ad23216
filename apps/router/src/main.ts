import { contradictions, runService } from '@millrace/host';
import { StreamServer } from '@millrace/streams-nest';
import { RouterModule } from './router.module.js';
import { RouterConfig } from './router-config.js';
import { Routes } from './routes/routes.js';

await runService({
  hop: 'router',
  config: RouterConfig,
  module: () => RouterModule,
  examine: async (_, config) => contradictions(config),
  prepare: async (app) => {
    await app.get(Routes).start();
  },
  microservices: (app) => [{ strategy: app.get(StreamServer) }],
});
