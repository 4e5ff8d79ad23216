// Everything that events hold is put into the page as text, never as markup.
const at = (id) => document.getElementById(id);
const KEY = 'millrace-api-key';
const number = new Intl.NumberFormat('en-US');

const make = (tag, text = '', className = '') => {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
};

const cell = (value, tone = '') => {
  const empty = value === 0 ? 'zero' : tone;
  return make('td', number.format(value), `n ${empty}`.trim());
};

const ago = (ms) => {
  if (ms === null) return '–';
  const seconds = Math.max(0, Math.round((Date.now() - ms) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  return new Date(ms).toLocaleString();
};

const headers = () => {
  const key = sessionStorage.getItem(KEY);
  return key === null ? {} : { authorization: `Bearer ${key}` };
};

const say = (text, bad = false) => {
  at('state').textContent = text;
  at('state').className = bad ? 'bad' : '';
};

// How many came since the last look, by topic.
const last = new Map();
const perSecond = (name, length, now) => {
  const before = last.get(name);
  last.set(name, { length, now });
  if (before === undefined || now <= before.now) return 0;
  return Math.max(0, Math.round(((length - before.length) * 1000) / (now - before.now)));
};

const showNumbers = ({ inbox, events, lag, pending, parked, deadLetters }) => {
  const entries = [
    ['taken in', inbox],
    ['in topics', events],
    ['behind', lag],
    ['in hand', pending],
    ['parked', parked],
    ['dead letters', deadLetters],
  ];
  at('numbers').replaceChildren(
    ...entries.map(([label, value]) => {
      const box = make('div');
      box.append(
        make('b', number.format(value), label === 'dead letters' && value > 0 ? 'bad' : ''),
        make('span', label),
      );
      return box;
    }),
  );
};

let chosen = null;
const topicRow = ({ name, length, lastAt, groups }, now) => {
  const row = make('tr');
  const button = make('button', name);
  button.type = 'button';
  button.addEventListener('click', () => {
    chosen = name;
    void showEvents();
  });
  const head = make('td');
  head.append(button);
  const behind = Math.max(0, ...groups.map(({ lag, pending }) => lag + pending));
  row.append(head, cell(length), cell(perSecond(name, length, now)), cell(behind, 'warn'), make('td', ago(lastAt)));
  return row;
};

const sinkRow = ({ name, hop, lag, pending, parked, deadLetters, seenAt }) => {
  const row = make('tr');
  const title = make('td', name);
  if (hop !== name) title.append(make('small', ` ${hop}`));
  row.append(
    title,
    cell(lag, 'warn'),
    cell(pending),
    cell(parked, 'warn'),
    cell(deadLetters, 'bad'),
    make('td', ago(seenAt)),
  );
  return row;
};

const pretty = (value) => {
  if (typeof value !== 'string') return JSON.stringify(value, null, 2);
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
};

// Open ones stay open when the list is drawn again.
const item = (key, title, note, content, open) => {
  const entry = make('li');
  const details = make('details');
  details.dataset.key = key;
  details.open = open.has(key);
  const summary = make('summary', title);
  summary.append(make('small', `  ${note}`));
  details.append(summary, make('pre', content));
  entry.append(details);
  return entry;
};

const openKeys = (list) => new Set([...list.querySelectorAll('details[open]')].map(({ dataset }) => dataset.key));

const showLetters = (letters) => {
  const list = at('letters');
  const open = openKeys(list);
  if (letters.length === 0) return list.replaceChildren(make('li', 'None: nothing was given up on.'));
  list.replaceChildren(
    ...letters.map(({ id, group, error, message, attempts, lastFailedAt, event }) => {
      const note = `${group} · ${attempts} attempts · ${ago(lastFailedAt)}`;
      return item(`${group}/${id}`, `${error}: ${message}`, note, pretty(event ?? 'the payload is lost'), open);
    }),
  );
};

// The list is not drawn again while the keyboard or the reader is in it.
const draw = (body, rows) => {
  const focused = body.contains(document.activeElement) ? document.activeElement.textContent : null;
  body.replaceChildren(...rows);
  if (focused !== null) [...body.querySelectorAll('button')].find((one) => one.textContent === focused)?.focus();
};

const show = ({ summary, inbox, topics, sinks, deadLetters }) => {
  showNumbers(summary);
  at('empty').hidden = inbox.length + summary.events > 0;
  draw(
    at('topics'),
    [inbox, ...topics].map((topic) => topicRow(topic, summary.at)),
  );
  draw(at('sinks'), sinks.map(sinkRow));
  showLetters(deadLetters);
  say(`live · ${new Date(summary.at).toLocaleTimeString()}`);
};

const showEvents = async () => {
  const topic = chosen;
  const answer = await fetch(`api/topics/${encodeURIComponent(topic)}/events?limit=20`, { headers: headers() });
  const { events = [], detail } = await answer.json();
  if (topic !== chosen) return;
  const list = at('events');
  at('events-part').hidden = false;
  at('events-head').textContent = `Newest of ${topic}`;
  const rows = events.map(({ streamId, type, event }) => item(streamId, type, streamId, pretty(event), openKeys(list)));
  list.replaceChildren(...(rows.length > 0 ? rows : [make('li', detail ?? 'No events yet.')]));
  at('events-part').scrollIntoView({ behavior: 'smooth', block: 'nearest' });
};

const receive = (block) => {
  const line = (name) =>
    block
      .split('\n')
      .find((one) => one.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  const data = JSON.parse(line('data') ?? 'null');
  if (line('event') === 'snapshot') show(data);
  else if (line('event') === 'trouble') say(data.detail, true);
};

// EventSource cannot send a key, so the stream is read by hand.
const watch = async () => {
  const answer = await fetch('api/live', { headers: headers() });
  if (answer.status === 401) return signIn();
  if (!answer.ok) throw new Error(`the console answers ${answer.status}`);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ''; ; ) {
    const { value, done } = await reader.read();
    if (done) throw new Error('the console ended the stream');
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop();
    blocks.forEach(receive);
  }
};

const signIn = () => {
  const known = sessionStorage.getItem(KEY) !== null;
  at('sign-in').hidden = false;
  at('sign-in-problem').textContent = known ? 'This key is not known.' : '';
  say('an API key is needed', true);
  at('key').focus();
  return new Promise((resolve) => {
    at('sign-in').addEventListener(
      'submit',
      (event) => {
        event.preventDefault();
        sessionStorage.setItem(KEY, at('key').value);
        at('sign-in').hidden = true;
        resolve();
      },
      { once: true },
    );
  });
};

for (;;) {
  try {
    await watch();
  } catch (error) {
    say(`${error.message}; trying again`, true);
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}
