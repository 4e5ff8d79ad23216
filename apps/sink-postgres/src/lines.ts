/** One value a line, for `string_to_table`. Between the tokens of JSON a line end is white space, and inside them there is none. */
export const lines = (values: readonly string[]): string =>
  values.map((value) => (value.includes('\n') ? value.replaceAll('\n', ' ') : value)).join('\n');

/** Milliseconds of a stream position: when Redis took the entry. */
export const timeOfPosition = (streamId: string): number => Number(streamId.slice(0, streamId.indexOf('-')));
