import { PATH } from './event-path.js';

/** A label and where its value stands in an event. */
export interface LabelPath {
  readonly label: string;
  readonly path: string;
}

const FORM = new RegExp(`^(?:([A-Za-z_][A-Za-z0-9_-]*)=)?(${PATH})$`);

/** Every series has the first two; the others are those of TimeSeries keys. */
const TAKEN = ['metric', 'source', 'series', 'aggregate', 'bucket_ms'];

/** The label of `site=data.room.site`, or of `data.site`, which is `site`; undefined if the text is none. */
export const parseLabelPath = (text: string): LabelPath | undefined => {
  const [, name, path] = FORM.exec(text) ?? [];
  if (path === undefined) return undefined;
  const label = name ?? (path.split('.').at(-1) as string);
  return TAKEN.includes(label) ? undefined : { label, path };
};
