import { useState } from 'react';
import { Form } from '../ui/field.js';
import { go, href } from './location.js';

/** What was typed as the source and the id of an event: both with a space between, or the id alone. */
const traceOf = (text: string): string => {
  const [first = '', ...rest] = text.trim().split(/\s+/);
  return rest.length === 0
    ? href(['topics', 'in'], { id: first })
    : href(['trace'], { source: first, id: rest.join(' ') });
};

/** The search that is everywhere: an event by its source and id. */
export const Find = () => {
  const [text, setText] = useState('');
  return (
    // A search element is not known to every browser that runs this page.
    <Form role="search" onSubmit={() => text.trim() !== '' && go(traceOf(text))}>
      <div className="find">
        <label htmlFor="find" className="unseen">
          Trace an event by source and id, or find it by its id
        </label>
        <input
          id="find"
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder="Trace an event: source and id"
          autoComplete="off"
          spellCheck={false}
        />
        <span className="key">/</span>
      </div>
    </Form>
  );
};
