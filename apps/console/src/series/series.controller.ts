import type { Series, SeriesLabels, SeriesQuery } from '@millrace/admin-api';
import { problem, RequestRefused } from '@millrace/host';
import {
  type LabelFilter,
  ModuleUnusable,
  openSeriesReader,
  parseLabelFilter,
  type Rollup,
  type SeriesReader,
} from '@millrace/series';
import { RedisTransport } from '@millrace/streams/redis';
import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { RoleGuard } from '../access/role.guard.js';
import { readBucket, readTime, refused } from '../contract/points.js';
import { labelsOf } from './series-labels.js';

const MOST_SERIES = 100;
const MOST_LISTED = 1000;

/** The samples and rollups that sink-timeseries keeps. Where there are none the answer is empty. */
@Controller('api/series')
@UseGuards(RoleGuard)
export class SeriesController {
  constructor(@Inject(RedisTransport) private readonly transport: RedisTransport) {}

  @Get()
  async read(@Query() given: SeriesQuery): Promise<Series> {
    const aggregate = aggregateOf(given);
    const range = {
      fromMs: readTime('from', given.from) ?? Number.NEGATIVE_INFINITY,
      toMs: readTime('to', given.to) ?? Number.POSITIVE_INFINITY,
      limit: given.limit,
      ...(aggregate && { aggregate }),
    };
    const filters = (given.filter ?? []).map(filterOf);
    try {
      // Opened for each question: who keeps the series, and whether there are any, may have changed since the last.
      const reader = await this.reader();
      return await reader.read(filters, range, MOST_SERIES);
    } catch (error) {
      if (error instanceof ModuleUnusable) throw new RequestRefused(problem('unavailable', 503, error.message));
      throw error;
    }
  }

  @Get('labels')
  async labels(): Promise<SeriesLabels> {
    try {
      const reader = await this.reader();
      return labelsOf(await reader.names(MOST_LISTED));
    } catch (error) {
      if (error instanceof ModuleUnusable) throw new RequestRefused(problem('unavailable', 503, error.message));
      throw error;
    }
  }

  private reader(): Promise<SeriesReader> {
    const prefixes = Array.from({ length: this.transport.partitions.count }, (_, partition) =>
      this.transport.keys.stream({ name: 'series', partition }),
    );
    return openSeriesReader((prefix) => this.transport.connectTo(prefix, 'series'), prefixes);
  }
}

const filterOf = (text: string): LabelFilter => {
  const filter = parseLabelFilter(text);
  if (filter !== undefined) return filter;
  throw refused('filter', text, 'label=value, label!=value, label=(one,other), label= (has none) or label!= (has one)');
};

const aggregateOf = ({ aggregate, bucket }: SeriesQuery): Rollup | undefined => {
  const bucketMs = readBucket('bucket', bucket);
  if (aggregate === undefined && bucketMs === undefined) return undefined;
  if (aggregate !== undefined && bucketMs !== undefined) return { aggregate, bucketMs };
  throw new RequestRefused(
    problem('bad-request', 400, 'bucket and aggregate go together, as bucket=1m&aggregate=avg', 'aggregate'),
  );
};
