import type { DeadLetterQuery, DeadLetterFilter as SentFilter } from '@millrace/admin-api';
import { Injectable, type PipeTransform } from '@nestjs/common';
import { readPoint, refused } from '../contract/points.js';
import { type DeadLetterFilter, LetterCursor } from './dead-letter-finder.js';

/** The filter as it is sent, with its ends as stream ids. Throws a 400 that points to `at` where an end is none. */
const filterOf = ({ from, to, ...filter }: SentFilter, at?: string): DeadLetterFilter => ({
  ...filter,
  from: readPoint('from', from, '-', at && `${at}/from`),
  to: readPoint('to', to, '+', at && `${at}/to`),
});

@Injectable()
export class QueriedFilter implements PipeTransform<DeadLetterQuery, DeadLetterFilter> {
  transform({ limit: _limit, cursor: _cursor, ...filter }: DeadLetterQuery): DeadLetterFilter {
    return filterOf(filter);
  }
}

@Injectable()
export class FilteredBody implements PipeTransform {
  transform<T>({ filter, ...rest }: T & { readonly filter: SentFilter }): Filtered<T> {
    return { ...rest, filter: filterOf(filter, '/filter') } as Filtered<T>;
  }
}
export type Filtered<T> = Omit<T, 'filter'> & { readonly filter: DeadLetterFilter };

@Injectable()
export class CursorOfLetters implements PipeTransform<string | undefined, LetterCursor | undefined> {
  transform(text: string | undefined): LetterCursor | undefined {
    if (text === undefined) return undefined;
    const cursor = LetterCursor.parse(text);
    if (cursor === undefined) throw refused('cursor', text, 'the `next` of an earlier answer');
    return cursor;
  }
}
