import { runSink } from '@millrace/sink';
import { SinkWebhookModule } from './sink-webhook.module.js';

await runSink(SinkWebhookModule);
