import { Module } from '@nestjs/common';
import { PartitionsController } from './partitions.controller.js';

/** How many partitions there are. */
@Module({ controllers: [PartitionsController] })
export class PartitionsModule {}
