import { Module } from '@nestjs/common';
import { LogsController } from './logs.controller.js';

/** At which level services log. */
@Module({ controllers: [LogsController] })
export class LogsModule {}
