/** The attributes that have a column of their own; all others are extensions. */
export const ATTRIBUTES = [
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'datacontenttype',
  'dataschema',
  'data',
  'data_base64',
];

/** The columns that are written, in the order in which both statements have them. */
export const COLUMNS =
  'topic, source, id, type, subject, time, datacontenttype, dataschema, data, data_base64, extensions, stream_id';

/** How Postgres takes the columns that it may refuse out of an event. */
export const EXPRESSIONS: Readonly<Record<string, string>> = {
  source: "event->>'source'",
  id: "event->>'id'",
  type: "event->>'type'",
  subject: "event->>'subject'",
  time: "(event->>'time')::timestamptz",
  datacontenttype: "event->>'datacontenttype'",
  dataschema: "event->>'dataschema'",
  data: "event->'data'",
  data_base64: "event->>'data_base64'",
};
