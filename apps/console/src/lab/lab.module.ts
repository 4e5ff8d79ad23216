import { Module } from '@nestjs/common';
import { ObservationModule } from '../observation/observation.module.js';
import { LabController } from './lab.controller.js';
import { Labs } from './labs.js';

/** The lab: what consumer groups do, on a copy of a topic. */
@Module({ imports: [ObservationModule], controllers: [LabController], providers: [Labs] })
export class LabModule {}
