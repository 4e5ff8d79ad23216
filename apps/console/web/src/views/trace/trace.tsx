import './trace.css';
import { useState } from 'react';
import { go, href, usePlace } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { Form, Input } from '../../ui/field.js';
import { Empty, Head, Loading, Panel, Problem } from '../../ui/panel.js';
import { Sampling } from './sampling.js';
import { useTrace } from './use-trace.js';
import { TraceWay } from './way.js';

const EventForm = ({ source: givenSource, id: givenId }: { source: string; id: string }) => {
  const [source, setSource] = useState(givenSource);
  const [id, setId] = useState(givenId);
  return (
    <Form
      className="fields"
      aria-label="Event to trace"
      onSubmit={() => go(href(['trace'], { source: source.trim(), id: id.trim() }))}
    >
      <Input label="Source" value={source} onChange={setSource} placeholder="/orders" isWide isRequired />
      <Input label="Id" value={id} onChange={setId} placeholder="of the CloudEvent" isWide isRequired />
      <Button type="submit" kind="main">
        Trace
      </Button>
    </Form>
  );
};

/** The whole way of one event: gateway, routes, topics, every attempt at every sink. */
export const TraceView = () => {
  const { query } = usePlace();
  const [source, id] = [query.get('source') ?? '', query.get('id') ?? ''];
  const isAsked = source !== '' && id !== '';
  const search = useTrace(source, id);
  const { data, error, reload } = search;
  return (
    <>
      <Head title="Trace">The path of one event through the pipeline.</Head>
      <div className="stack">
        <EventForm key={`${source} ${id}`} source={source} id={id} />
        <Problem error={error} onRetry={reload} />
        {!isAsked ? (
          <Panel title="No event selected" isBare>
            <Empty title="Enter the source and the id of an event.">
              Or follow “Trace” from an event, a dead letter or an attempt. To find an event by its id alone, search
              <a href={href(['topics', 'in'])}>the inbox</a>.
            </Empty>
          </Panel>
        ) : data === undefined ? (
          <Loading what="the trace" unless={error} />
        ) : (
          <TraceWay trace={data} search={search} />
        )}
        <Sampling />
      </div>
    </>
  );
};
