import { Module } from '@nestjs/common';
import { JobsModule } from '../jobs/jobs.module.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { LetterActions } from './letter-actions.js';
import { LetterBrowser } from './letter-browser.js';
import { Redrives } from './redrives.js';

/** The dead letters, and what sends them again. */
@Module({
  imports: [JobsModule],
  controllers: [DeadLettersController],
  providers: [LetterBrowser, LetterActions, Redrives],
  exports: [LetterBrowser, Redrives],
})
export class DeadLettersModule {}
