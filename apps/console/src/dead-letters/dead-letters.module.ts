import { Module } from '@nestjs/common';
import { JobsModule } from '../jobs/jobs.module.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { DeadLetters } from './dead-letters.js';
import { LetterActions } from './letter-actions.js';
import { Redrives } from './redrives.js';

/** The dead letters, and what sends them again. */
@Module({
  imports: [JobsModule],
  controllers: [DeadLettersController],
  providers: [DeadLetters, LetterActions, Redrives],
  exports: [DeadLetters, Redrives],
})
export class DeadLettersModule {}
