import { Module } from '@nestjs/common';
import { SeriesController } from './series.controller.js';

/** The series of sink-timeseries. */
@Module({ controllers: [SeriesController] })
export class SeriesModule {}
