import type { Column } from './catalogue.js';

/** A value before it is cast, in SQL: as text, and as jsonb. */
export interface Raw {
  readonly text: string;
  readonly json: string;
}

// A cast to a length would cut the value off; an assignment refuses it.
const withoutLength = (type: string): string =>
  type.replace(/^(character varying|character)(\(\d+\))?$/, 'text').replace(/^bit(\(\d+\))?$/, 'bit varying');

/** A time of day, and behind it a zone, by its offset or by its name. */
const ZONED = "':[0-9]{2}([.,][0-9]*)?[ ]*(?!(am|pm|ad|bc)[ ]*$)[a-z+-]'";

/**
 * How Postgres makes the value of a column: it takes the event apart, so a number of 20 digits stays one. A value that the
 * column cannot hold is refused, and never cut off, rounded to an integer, or moved to another zone.
 */
export const typedValue = ({ type, elementType }: Pick<Column, 'type' | 'elementType'>, raw: Raw): string =>
  elementType === undefined ? scalarOf(type, raw) : arrayOf(elementType, raw);

const scalarOf = (type: string, { text, json }: Raw): string => {
  if (isJson(type)) return `NULLIF(${json}, 'null'::jsonb)::${type}`;
  if (type === 'bytea') return `decode(${text}, 'base64')`;
  if (isLocalTime(type)) {
    // Without one, the offset would be left out.
    return `CASE WHEN ${text} ~* ${ZONED} THEN (${text})::timestamptz AT TIME ZONE 'UTC' ELSE (${text})::timestamp END`;
  }
  // JSON knows no integers: 5.0 is one.
  if (/^(smallint|integer|bigint)$/.test(type)) return `regexp_replace(${text}, '^(-?[0-9]+)[.]0+$', '\\1')::${type}`;
  return `(${text})::${withoutLength(type)}`;
};

const isLocalTime = (type: string): boolean => /^timestamp(\(\d+\))? without time zone$/.test(type);

/** An array of one dimension element by element, of more as Postgres reads JSON; what is no array as its text says. */
const arrayOf = (element: string, { text, json }: Raw): string => {
  const type = `${withoutLength(element)}[]`;
  const each = `ARRAY(SELECT ${scalarOf(element, ELEMENT)} FROM jsonb_array_elements(${json}) AS element)`;
  // What is read in a way of our own is not left to Postgres's: it would be another value.
  const isOwn = isJson(element) || element === 'bytea' || isLocalTime(element);
  const refused = `('not such an array: ' || (${text}))::${type}`;
  const nested = isOwn ? refused : nestedOf(type, json);
  const array = isJson(element) ? each : `CASE WHEN ${isNested(json)} THEN ${nested} ELSE ${each} END`;
  return `CASE jsonb_typeof(${json}) WHEN 'array' THEN ${array} ELSE ${isOwn ? refused : `(${text})::${type}`} END`;
};

const ELEMENT: Raw = { text: "element #>> '{}'", json: 'element' };
const isJson = (type: string): boolean => type === 'jsonb' || type === 'json';
const isNested = (json: string): string => `jsonb_path_exists(${json}, 'strict $[*] ? (@.type() == "array")')`;
const nestedOf = (type: string, json: string): string =>
  `(SELECT made.value FROM jsonb_to_record(jsonb_build_object('value', ${json})) AS made (value ${type}))`;
