import { Module } from '@nestjs/common';
import { KeysController } from './keys.controller.js';

/** The API keys in Redis. */
@Module({ controllers: [KeysController] })
export class KeysModule {}
