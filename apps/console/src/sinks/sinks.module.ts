import { Module } from '@nestjs/common';
import { ObservationModule } from '../observation/observation.module.js';
import { SinksController } from './sinks.controller.js';
import { Sinks } from './sinks.js';

/** The registered groups. */
@Module({ imports: [ObservationModule], controllers: [SinksController], providers: [Sinks] })
export class SinksModule {}
