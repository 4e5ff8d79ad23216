import type { PublishAnswer } from '@millrace/admin-api';
import { useState } from 'react';
import { ask } from '../../api/client.js';
import { useAction } from '../../api/use-action.js';
import { href } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { Area } from '../../ui/field.js';
import { readJson } from '../../ui/json-text.js';
import { Panel, Problem, Said } from '../../ui/panel.js';

const START = '{\n  "type": "greeting",\n  "data": { "hello": "world" }\n}';

/** Sends an event to the gateway, as any client would. */
export const Publish = ({ onSent }: { onSent: () => void }) => {
  const [text, setText] = useState(START);
  const { value, problem } = readJson(text);
  const send = useAction(async () => {
    const { results } = await ask<PublishAnswer>('events', { method: 'POST', body: value });
    onSent();
    return results[0];
  });
  const { result } = send;
  return (
    <Panel title="Send an event" note="to the gateway, as any client would">
      <div className="stack tight">
        <Area
          label="Event"
          value={text}
          onChange={setText}
          rows={6}
          problem={problem}
          hint="A CloudEvent, or a list of them; the type is required, and the gateway fills in the rest."
        />
        <Problem error={send.error} />
        {result === undefined ? null : (
          <Said>
            {result.status}:{' '}
            {result.status === 'rejected' ? (
              result.error.detail
            ) : (
              <a href={href(['topics', 'in'], { id: result.id })}>{result.id}</a>
            )}
          </Said>
        )}
        <div className="row">
          <Button kind="main" needs="operate" refused={problem} isBusy={send.isBusy} onClick={() => void send.run()}>
            Send
          </Button>
        </div>
      </div>
    </Panel>
  );
};
