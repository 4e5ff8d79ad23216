import { UseFilters } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { PassThroughFilter } from './pass-through.filter.js';

/** The pattern under which a server looks for the handler of its batches. */
export const BATCH_PATTERN = 'batch';

/**
 * Marks a controller's method as the handler of a `StreamServer`'s batches: `handle(batch: Batch)`. The method settles
 * the batch. It may throw `Unavailable` (the batch is kept and tried again, uncounted) or anything else (what is not
 * settled is retried by the schedule).
 */
export const BatchHandler =
  (pattern: string = BATCH_PATTERN): MethodDecorator =>
  (target, property, descriptor) => {
    (EventPattern(pattern) as MethodDecorator)(target, property, descriptor);
    UseFilters(new PassThroughFilter())(target, property, descriptor);
  };
