import type {
  LetterRef,
  Trace,
  TraceAttempt,
  TraceRoute,
  TraceSink,
  TraceState,
  TraceTopic,
} from '@millrace/admin-api';
import { type ReactNode, useState } from 'react';
import { href } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { duration, percent, plural } from '../../ui/format.js';
import { JsonTree } from '../../ui/json-tree.js';
import { Leaves } from '../../ui/leaves.js';
import { Empty, Panel } from '../../ui/panel.js';
import { Tag } from '../../ui/tag.js';
import { Ago, Clock, useNow } from '../../ui/time.js';
import { type EventPlace, placeOf } from './event-place.js';
import { RouteAgain } from './route-again.js';
import { decidedBy, isUnrouted, missing, nowhere, OUTCOMES, stateTag, triedAgain, verdictOf } from './told.js';
import type { TraceSearch } from './use-trace.js';

const State = ({ state, done }: { state: TraceState; done?: string }) => {
  const [word, tone] = stateTag(state, done);
  return <Tag tone={tone}>{word}</Tag>;
};

const LetterLink = ({ letter }: { letter: LetterRef | null }) =>
  letter === null ? null : (
    <a href={href(['dead-letters', letter.group, letter.partition, letter.id])}>View dead letter</a>
  );

/** Each attempt: when, how long, and what came of it. */
const Attempts = ({ attempts }: { attempts: readonly TraceAttempt[] }) =>
  attempts.length === 0 ? null : (
    <ol className="attempts">
      {attempts.map(({ at, attempt, outcome, error, message, ms, status }) => (
        <li key={`${attempt} ${at}`}>
          <span className="soft">{attempt}.</span>
          <Clock at={at} />
          <Tag tone={OUTCOMES[outcome][1]}>{OUTCOMES[outcome][0]}</Tag>
          <span className="soft">{ms === null ? '' : duration(ms)}</span>
          <span className="wrap">
            {status === null ? '' : `${status} `}
            {[error, message].filter(Boolean).join(': ')}
          </span>
        </li>
      ))}
    </ol>
  );

const Accepted = ({ trace: { inbox, event, type } }: { trace: Trace }) => {
  const [isOpen, setOpen] = useState(false);
  return (
    <li className="step">
      <div className="row">
        <strong>gateway</strong>
        <Tag tone={inbox === null ? 'plain' : 'good'}>{inbox === null ? 'unknown' : 'accepted'}</Tag>
        {inbox === null ? null : (
          <>
            <Clock at={inbox.at} />
            <span className="soft">
              <Ago at={inbox.at} />
            </span>
            <span className="mono soft">
              in {inbox.streamId} p{inbox.partition}
            </span>
            {inbox.retained ? null : <span className="soft">trimmed from the inbox</span>}
          </>
        )}
      </div>
      {event === null ? null : (
        <div>
          <button type="button" className="button quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? 'Hide' : 'Show'} {type ?? 'the event'}
          </button>
          {isOpen ? <JsonTree value={event} openTo={1} /> : null}
        </div>
      )}
    </li>
  );
};

const RouteLine = ({ route, place }: { route: TraceRoute; place: EventPlace }) => {
  const leaves = route.matched ? route.leaves : route.leaves.filter(({ passed }) => !passed);
  return (
    <li>
      <div className="row">
        <Tag tone={route.matched ? 'good' : 'plain'}>{verdictOf(route)}</Tag>
        <a href={href(['routes', route.name], { ...place })}>{route.name}</a>
        <span className="soft">to {route.topics.join(', ')}</span>
      </div>
      {route.undecided === undefined ? null : <p className="warn">Undecided: {route.undecided}.</p>}
      {leaves.length > 0 ? <Leaves leaves={leaves} /> : null}
    </li>
  );
};

const Routing = ({ routing, place }: { routing: Trace['routing']; place: EventPlace }) => {
  const matched = routing.routes.filter((route) => route.matched);
  const others = routing.routes.filter((route) => !route.matched);
  const [isOpen, setOpen] = useState(matched.length === 0);
  return (
    <li className="step">
      <div className="row">
        <strong>router</strong>
        <State state={routing.state} done="routed" />
        {routing.at === null ? null : <Clock at={routing.at} />}
        <LetterLink letter={routing.deadLetter} />
      </div>
      <p className="note">{decidedBy(routing)}</p>
      {isUnrouted(routing) ? <p>No route matches: it goes to unrouted.</p> : null}
      <ul className="routes">
        {matched.map((route) => (
          <RouteLine key={route.name} route={route} place={place} />
        ))}
        {isOpen ? others.map((route) => <RouteLine key={route.name} route={route} place={place} />) : null}
      </ul>
      {others.length > 0 ? (
        <button type="button" className="button quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Hide' : 'Show'} {plural(others.length, 'route')} that did not match, and why
        </button>
      ) : null}
      <Attempts attempts={routing.attempts} />
    </li>
  );
};

const SinkLine = ({ sink }: { sink: TraceSink }) => {
  const now = useNow();
  return (
    <li>
      <div className="row">
        <a href={sink.endpoint === null ? href(['sinks', sink.group]) : href(['webhooks', sink.endpoint])}>
          {sink.endpoint ?? sink.group}
        </a>
        {sink.endpoint === null ? null : <span className="soft">{sink.hop}</span>}
        <State state={sink.state} />
        {sink.at === null ? null : <Clock at={sink.at} />}
        {sink.parkedUntil === null ? null : <span className="warn">{triedAgain(sink.parkedUntil, now)}</span>}
        {sink.redriven > 0 ? <span className="soft">redriven {plural(sink.redriven, 'time')}</span> : null}
        <LetterLink letter={sink.deadLetter} />
      </div>
      <Attempts attempts={sink.attempts} />
    </li>
  );
};

const TopicStep = ({ topic, children }: { topic: TraceTopic; children?: ReactNode }) => (
  <li className="step">
    <div className="row">
      <strong>
        <a href={href(['topics', topic.topic])}>{topic.topic}</a>
      </strong>
      {topic.at === null ? <Tag>{missing(topic)}</Tag> : <Clock at={topic.at} />}
      {topic.streamId === null ? null : (
        <span className="mono soft">
          {topic.streamId} p{topic.partition}
        </span>
      )}
      {topic.transformed ? <Tag tone="accent">transformed</Tag> : null}
    </div>
    {topic.sinks.length === 0 ? (
      <p className="soft">No consumer group reads this topic.</p>
    ) : (
      <ul className="deliveries">
        {topic.sinks.map((sink) => (
          <SinkLine key={`${sink.group}`} sink={sink} />
        ))}
      </ul>
    )}
    {children}
  </li>
);

const NotFound = ({ isAll, search }: { isAll: boolean; search: TraceSearch }) => {
  const looked = `${plural(search.looked, 'entry', 'entries')} searched, newest first`;
  if (isAll) {
    return (
      <Empty title="Event not found.">
        {looked}, which is all that is retained. It was never accepted, or was trimmed, or its source or id is written
        otherwise.
      </Empty>
    );
  }
  return (
    <Empty title={search.isSearching ? 'Searching…' : 'Not found so far.'}>
      {looked}.{' '}
      <Button kind="quiet" onClick={search.isSearching ? search.stop : search.more}>
        {search.isSearching ? 'Stop' : 'Load more'}
      </Button>
    </Empty>
  );
};

/** The steps of an event's way, from the gateway to the last attempt. */
export const TraceWay = ({ trace, search }: { trace: Trace; search: TraceSearch }) => (
  <Panel
    title={trace.type ?? 'Event'}
    note={
      <span className="mono wrap">
        {trace.source} {trace.id}
      </span>
    }
  >
    {trace.found ? (
      <ol className="way">
        <Accepted trace={trace} />
        <Routing routing={trace.routing} place={placeOf(trace)} />
        {trace.topics.map((topic) => (
          <TopicStep key={topic.topic} topic={topic}>
            {topic.rerouting === null ? null : (
              <RouteAgain topic={topic} rerouting={topic.rerouting} place={placeOf(trace)} />
            )}
          </TopicStep>
        ))}
        {trace.topics.length === 0 ? <li className="step soft">{nowhere(trace)}</li> : null}
      </ol>
    ) : (
      <NotFound isAll={trace.next === null} search={search} />
    )}
    {trace.sample < 1 ? (
      <p className="note">
        {percent(trace.sample)} of deliveries are sampled, and all failures are recorded; other attempts are not shown.
      </p>
    ) : null}
  </Panel>
);
