import { ApiKeys } from '@millrace/api-keys';
import { LOGGER, type Logger } from '@millrace/host';
import { Operations } from '@millrace/operations';
import { RedisTransport } from '@millrace/streams/redis';
import { Global, Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { Access, environmentKeys } from './access/access.js';
import { AnswerTurns } from './answers/in-turn.js';
import { ConsoleConfig } from './console-config.js';
import { ContractRequests } from './contract/contract-requests.js';

/** What every area of the console needs: who asks, how requests are read and answers are made, and what operators may do. */
@Global()
@Module({
  providers: [
    {
      provide: ApiKeys,
      inject: [RedisTransport, LOGGER, ConsoleConfig],
      useFactory: (transport: RedisTransport, log: Logger, config: ConsoleConfig) =>
        new ApiKeys(transport, log, config.asksForKeys, environmentKeys(config)),
    },
    {
      provide: Operations,
      inject: [RedisTransport],
      useFactory: (transport: RedisTransport) => new Operations(transport),
    },
    { provide: APP_INTERCEPTOR, useClass: ContractRequests },
    Access,
    AnswerTurns,
  ],
  exports: [Access, AnswerTurns, ApiKeys, Operations],
})
export class SharedModule {}
