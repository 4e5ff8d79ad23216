import type { ReactNode } from 'react';

type Named = Readonly<Record<string, ReactNode>>;

const List = ({ kind, of }: { kind: string; of: Named }) => (
  <dl className={kind}>
    {Object.entries(of)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
);

/** Names and values, in two columns. What is undefined is left out. */
export const Facts = ({ facts }: { facts: Named }) => <List kind="facts" of={facts} />;

/** Numbers in a row, each under its name. */
export const Figures = ({ figures }: { figures: Named }) => <List kind="figures" of={figures} />;

/** A name or a value as Redis has it. */
export const Mono = ({ children }: { children: ReactNode }) => <span className="mono">{children}</span>;
