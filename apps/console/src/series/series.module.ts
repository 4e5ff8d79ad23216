import { Module } from '@nestjs/common';
import { SeriesController } from './series.controller.js';
import { StoredSeries } from './stored-series.js';

/** The series of sink-timeseries. */
@Module({ controllers: [SeriesController], providers: [StoredSeries] })
export class SeriesModule {}
