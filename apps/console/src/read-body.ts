import { problem, RequestRefused } from '@millrace/host';
import { pointerTo, writeJson } from '@millrace/json';
import { plainToInstance } from 'class-transformer';
import { ValidateIf, type ValidationError, validateSync } from 'class-validator';

/**
 * A member that may be left out. Null is not left out, as class-validator's own has it: it would stand in the place of a
 * default, and a rate of null is none.
 */
export const Optional = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

/**
 * A body, query or path as an instance of its class. Throws a 400 that names what is wrong, where, and what is taken, and
 * points there.
 */
export const readBody = <T extends object>(type: new () => T, given: unknown, where: 'body' | 'query' | 'path'): T => {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new RequestRefused(problem('bad-request', 400, `The ${where} takes a JSON object`));
  }
  const body = plainToInstance(type, given);
  const [error] = validateSync(body, { whitelist: true, forbidNonWhitelisted: true });
  if (error !== undefined) {
    const members = membersOf(error);
    const pointer = where === 'body' ? pointerTo(members) : members[0];
    throw new RequestRefused(problem('bad-request', 400, sentenceOf(error, where), pointer));
  }
  return body;
};

/** The members that lead to what is wrong. */
const membersOf = ({ property, constraints, children: [child] = [] }: ValidationError): string[] => [
  property,
  ...(constraints === undefined && child !== undefined ? membersOf(child) : []),
];

const sentenceOf = ({ property, constraints, children = [], value }: ValidationError, path: string): string => {
  const [child] = children;
  if (constraints === undefined && child !== undefined) return sentenceOf(child, property);
  const [why = 'is not valid'] = Object.values(constraints ?? {});
  return `${path}: ${why}; it is ${writeJson(value)?.slice(0, 100) ?? 'missing'}`;
};
