import { Module } from '@nestjs/common';
import { ObservationModule } from '../observation/observation.module.js';
import { TopicEvents } from './topic-events.js';
import { TopicTail } from './topic-tail.js';
import { TopicViews } from './topic-view.js';
import { TopicsController } from './topics.controller.js';

/** The topics, and what is in them. */
@Module({
  imports: [ObservationModule],
  controllers: [TopicsController],
  providers: [TopicEvents, TopicTail, TopicViews],
  exports: [TopicEvents],
})
export class TopicsModule {}
