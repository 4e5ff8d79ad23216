import { Module } from '@nestjs/common';
import { LogLevels } from './log-levels.js';
import { LogsController } from './logs.controller.js';

/** At which level services log. */
@Module({ controllers: [LogsController], providers: [LogLevels] })
export class LogsModule {}
