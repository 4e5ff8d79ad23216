import type { DeadLetter, LetterRef, Redriven } from '@millrace/admin-api';
import { useEffect, useState } from 'react';
import { pathOf } from '../../api/address.js';
import { ask } from '../../api/client.js';
import { useAction } from '../../api/use-action.js';
import { useQuery } from '../../api/use-query.js';
import { go, href, usePlace } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { Facts, Mono } from '../../ui/facts.js';
import { Area } from '../../ui/field.js';
import { count } from '../../ui/format.js';
import { pretty, readJson } from '../../ui/json-text.js';
import { Loading, Panel, Problem, Said } from '../../ui/panel.js';
import { Clock } from '../../ui/time.js';
import { attributesOf } from '../topics/attributes.js';
import { filterOfQuery } from './filter-query.js';

const pathTo = ({ group, partition, id }: LetterRef): string => `dead-letters/${pathOf(group, partition, id)}`;

const TraceLink = ({ event }: { event: string | null }) => {
  const { source, id } = attributesOf(readJson(event ?? '').value);
  return source === undefined || id === undefined ? null : (
    <a className="button" href={href(['trace'], { source, id })}>
      Trace
    </a>
  );
};

/** What failed, why, and the event itself, to be edited and redriven. */
export const LetterDetail = ({ place, onChange }: { place: LetterRef; onChange: () => void }) => {
  const letter = useQuery<DeadLetter>(pathTo(place));
  const filter = filterOfQuery(usePlace().query);
  const [text, setText] = useState<string | undefined>();
  const stored = pretty(letter.data?.event ?? '');
  const typed = text ?? stored;
  const isEdited = text !== undefined && text !== stored;
  const parsed = readJson(typed);
  const redrive = useAction(async () => {
    const body = isEdited ? { event: parsed.value } : {};
    const { redriven } = await ask<Redriven>(`${pathTo(place)}/redrive`, { method: 'POST', body });
    onChange();
    return redriven;
  });
  useEffect(() => {
    if (redrive.result !== undefined) document.getElementById('redriven')?.focus();
  }, [redrive.result]);

  if (redrive.result !== undefined) {
    const { source, id } = attributesOf(parsed.value);
    return (
      <Panel title="Redriven">
        <div className="stack" id="redriven" tabIndex={-1}>
          <Said>
            {redrive.result === 1
              ? `Sent to ${place.group}${isEdited ? ', as edited' : ''}.`
              : 'Already redriven or purged by another client.'}
          </Said>
          <div className="row">
            {source === undefined || id === undefined ? null : (
              <a className="button main" href={href(['trace'], { source, id })}>
                Trace it
              </a>
            )}
            <Button onClick={() => go(href(['dead-letters'], { ...filter }))}>Close</Button>
          </div>
        </div>
      </Panel>
    );
  }
  const { data } = letter;
  return (
    <Panel
      title={data?.error ?? 'Dead letter'}
      actions={
        <>
          <TraceLink event={data?.event ?? null} />
          <Button onClick={() => go(href(['dead-letters'], { ...filter }))}>Close</Button>
        </>
      }
    >
      <Problem error={letter.error} onRetry={letter.reload} />
      {data === undefined ? (
        <Loading what="the dead letter" unless={letter.error} />
      ) : (
        <div className="stack">
          <p className="bad wrap">{data.message}</p>
          <Facts
            facts={{
              'Failed at': `${data.group} (${data.hop})`,
              Consumer: <Mono>{data.consumer}</Mono>,
              'Source stream': <Mono>{`${data.stream} ${data.position}`}</Mono>,
              Attempts: count(data.attempts),
              'First failed': <Clock at={data.firstFailedAt} />,
              'Last failed': <Clock at={data.lastFailedAt} />,
            }}
          />
          {data.history.length > 0 ? (
            <ol className="history">
              {data.history.map(({ at, attempt, error }) => (
                <li key={`${attempt} ${at}`}>
                  <span className="soft">{attempt}.</span> <Clock at={at} /> <span className="wrap">{error}</span>
                </li>
              ))}
            </ol>
          ) : null}
          {data.stack === undefined ? null : (
            <details>
              <summary>Stack</summary>
              <pre className="code">{data.stack}</pre>
            </details>
          )}
          {data.event === null ? (
            <p className="warn">
              Its payload was trimmed before it was delivered: write an event to send one in its place.
            </p>
          ) : null}
          <Area
            label="Event"
            value={typed}
            onChange={setText}
            rows={Math.min(22, Math.max(8, typed.split('\n').length))}
            problem={typed === '' ? undefined : parsed.problem}
            hint={
              isEdited
                ? 'Edited: this is what will be sent.'
                : 'The original event. Edit it to send another in its place.'
            }
          />
          <Problem error={redrive.error} />
          <div className="row">
            <Button
              kind="main"
              needs="operate"
              isBusy={redrive.isBusy}
              refused={parsed.problem === undefined ? undefined : 'Not valid JSON: fix it first.'}
              onClick={() => void redrive.run()}
            >
              {isEdited ? 'Redrive edited event' : 'Redrive'}
            </Button>
            {isEdited ? <Button onClick={() => setText(undefined)}>Discard edits</Button> : null}
          </div>
        </div>
      )}
    </Panel>
  );
};
