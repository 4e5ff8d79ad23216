import { Module } from '@nestjs/common';
import { Observer } from './observer.js';
import { StreamMetrics } from './stream-metrics.js';

/** How the streams and groups fare, looked at once for all who ask. */
@Module({ providers: [Observer, StreamMetrics], exports: [Observer] })
export class ObservationModule {}
