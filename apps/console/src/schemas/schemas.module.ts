import { Module } from '@nestjs/common';
import { SchemasController } from './schemas.controller.js';

/** The schemas of events. */
@Module({ controllers: [SchemasController] })
export class SchemasModule {}
