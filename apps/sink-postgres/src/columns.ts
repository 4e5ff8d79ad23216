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

/** One row to write. */
export interface Row {
  readonly topic: string;
  /** Where the event stands in its topic. */
  readonly streamId: string;
  /** The CloudEvent as JSON text. */
  readonly json: string;
}
