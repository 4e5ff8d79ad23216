import type { Series, SeriesLabels } from '@millrace/admin-api';
import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { RoleGuard } from '../access/role.guard.js';
import { by } from '../contract/points.js';
import { type AskedSeries, seriesOf } from './asked-series.js';
import { StoredSeries } from './stored-series.js';

/** The samples and rollups that sink-timeseries keeps. Where there are none the answer is empty. */
@Controller('api/series')
@UseGuards(RoleGuard)
export class SeriesController {
  constructor(@Inject(StoredSeries) private readonly series: StoredSeries) {}

  @Get()
  read(@Query(by(seriesOf)) asked: AskedSeries): Promise<Series> {
    return this.series.read(asked);
  }

  @Get('labels')
  labels(): Promise<SeriesLabels> {
    return this.series.labels();
  }
}
