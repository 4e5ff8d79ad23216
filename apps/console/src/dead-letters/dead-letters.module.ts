import { Module } from '@nestjs/common';
import { JobsModule } from '../jobs/jobs.module.js';
import { DeadLetterFinder } from './dead-letter-finder.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { LetterActions } from './letter-actions.js';
import { Redrives } from './redrives.js';

/** The dead letters, and what sends them again. */
@Module({
  imports: [JobsModule],
  controllers: [DeadLettersController],
  providers: [DeadLetterFinder, LetterActions, Redrives],
  exports: [DeadLetterFinder, Redrives],
})
export class DeadLettersModule {}
