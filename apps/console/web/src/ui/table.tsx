import { Fragment, type ReactNode } from 'react';
import { compact } from './format.js';

export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => ReactNode;
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
  /** Left out where the window is narrow. */
  readonly isExtra?: boolean;
}

interface TableProps<T> {
  /** What it shows, for those who do not see it. */
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  readonly empty?: ReactNode;
  readonly isChosen?: (row: T) => boolean;
  /** What a row unfolds to, below it. */
  readonly below?: (row: T) => ReactNode;
}

const classOf = ({ isNumber, isExtra }: Column<never>) =>
  [isNumber && 'n', isExtra && 'extra'].filter(Boolean).join(' ') || undefined;

const Below = ({ columns, children }: { columns: number; children: ReactNode }) =>
  children === undefined ? null : (
    <tr className="under">
      <td colSpan={columns}>{children}</td>
    </tr>
  );

/** A table that scrolls by itself where it is too wide, so that the page never does. */
export const Table = <T,>({ label, columns, rows, keyOf, empty, isChosen, below }: TableProps<T>) => {
  if (rows.length === 0 && empty !== undefined) return <>{empty}</>;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of cells, no fields
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by the keyboard
    <div role="group" className="scroll" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.head} scope="col" className={classOf(column)}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Fragment key={keyOf(row)}>
              <tr className={isChosen?.(row) ? 'chosen' : undefined}>
                {columns.map((column) => (
                  <td key={column.head} className={classOf(column)}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
              <Below columns={columns.length}>{below?.(row)}</Below>
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
};

interface AmountProps {
  readonly value: number;
  readonly shown?: string;
  readonly tone?: 'warn' | 'bad';
}

/** A number that is only worth a look when it is not zero. */
export const Amount = ({ value, shown = compact(value), tone }: AmountProps) => (
  <span className={value === 0 ? 'soft' : tone}>{shown}</span>
);
