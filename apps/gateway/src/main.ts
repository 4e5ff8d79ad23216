import { runService } from '@millrace/host';
import { gatewayService } from './gateway-service.js';

await runService(gatewayService());
