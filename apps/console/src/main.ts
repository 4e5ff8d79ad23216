import { runService } from '@millrace/host';
import { consoleService } from './console-service.js';

await runService(consoleService());
