import { ExactNumber, writeJson } from '@millrace/json';
import { useState } from 'react';
import { Button } from './button.js';

type Json = unknown;

const isFolder = (value: Json): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof ExactNumber);
const entriesOf = (value: object): [string, Json][] => Object.entries(value);
const summaryOf = (value: object): string => {
  const size = entriesOf(value).length;
  return Array.isArray(value) ? `[${size}]` : `{${size}}`;
};

const kindOf = (value: Json): string => {
  if (value === null) return 'null';
  return value instanceof ExactNumber ? 'number' : typeof value;
};

const Scalar = ({ value }: { value: Json }) => (
  <span className={`scalar ${kindOf(value)}`}>{writeJson(value) ?? 'undefined'}</span>
);

const Node = ({ name, value, level, openTo }: { name: string; value: Json; level: number; openTo: number }) => {
  const [isOpen, setOpen] = useState(level < openTo);
  if (!isFolder(value) || entriesOf(value).length === 0) {
    return (
      <li>
        <span className="name">{name}</span>{' '}
        {isFolder(value) ? <span className="soft">{summaryOf(value)}</span> : <Scalar value={value} />}
      </li>
    );
  }
  return (
    <li>
      <button type="button" className="fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span className="name">{name}</span> <span className="soft">{summaryOf(value)}</span>
      </button>
      {isOpen ? (
        <ul>
          {entriesOf(value).map(([key, child]) => (
            <Node key={key} name={key} value={child} level={level + 1} openTo={openTo} />
          ))}
        </ul>
      ) : null}
    </li>
  );
};

const ALL = 99;

/** A JSON value, folded from a level on. Everything is text. */
export const JsonTree = ({ value, openTo: start = 2 }: { value: Json; openTo?: number }) => {
  const [openTo, setOpenTo] = useState(start);
  if (!isFolder(value)) {
    return (
      <div className="json wrap">
        <Scalar value={value} />
      </div>
    );
  }
  return (
    <div className="json">
      <div className="row levels">
        <span className="soft">Levels</span>
        {[1, 2, 3, ALL].map((level) => (
          <Button key={level} kind="quiet" pressed={openTo === level} onClick={() => setOpenTo(level)}>
            {level === ALL ? 'all' : level}
          </Button>
        ))}
      </div>
      {/* Another level opens and folds everything anew. */}
      <ul key={openTo}>
        {entriesOf(value).map(([key, child]) => (
          <Node key={key} name={key} value={child} level={1} openTo={openTo} />
        ))}
      </ul>
    </div>
  );
};
