import { Module } from '@nestjs/common';
import { ObservationModule } from '../observation/observation.module.js';
import { SinksController } from './sinks.controller.js';

/** The registered groups. */
@Module({ imports: [ObservationModule], controllers: [SinksController] })
export class SinksModule {}
