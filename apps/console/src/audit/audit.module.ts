import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller.js';

/** What was done by hand. */
@Module({ controllers: [AuditController] })
export class AuditModule {}
