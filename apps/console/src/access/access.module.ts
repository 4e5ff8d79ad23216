import { Module } from '@nestjs/common';
import { MeController } from './me.controller.js';

/** What a key may do. */
@Module({ controllers: [MeController] })
export class AccessModule {}
