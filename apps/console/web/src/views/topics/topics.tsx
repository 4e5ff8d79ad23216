import './topics.css';
import { usePlace } from '../../shell/location.js';
import { TopicDetailView } from './topic-detail.js';
import { TopicList } from './topic-list.js';

/** All topics, or one with its events. */
export const Topics = () => {
  const [, topic] = usePlace().parts;
  return topic === undefined ? <TopicList /> : <TopicDetailView key={topic} topic={topic} />;
};
