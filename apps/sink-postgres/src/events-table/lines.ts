/**
 * One value a line, for `string_to_table`. Between the tokens of JSON a line end is white space, as the carriage return in
 * its place is; inside a string neither may stand, so what is no JSON stays none.
 */
export const lines = (values: readonly string[]): string =>
  values.map((value) => (value.includes('\n') ? value.replaceAll('\n', '\r') : value)).join('\n');
