import { type ChangeEvent, useId } from 'react';

interface Labelled {
  readonly label: string;
  /** What it takes, in a few words. */
  readonly hint?: string | undefined;
  /** What is wrong with what stands there. */
  readonly problem?: string | undefined;
  /** Grows with its row. */
  readonly isWide?: boolean;
}

interface InputProps extends Labelled {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: 'text' | 'number' | 'password' | 'url';
  readonly placeholder?: string;
  readonly isMono?: boolean;
  readonly isRequired?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly suggestions?: readonly string[];
}

const Notes = ({ id, hint, problem }: { id: string; hint?: string | undefined; problem?: string | undefined }) =>
  problem !== undefined ? (
    <span className="note bad" id={id} role="alert">
      {problem}
    </span>
  ) : hint !== undefined ? (
    <span className="note" id={id}>
      {hint}
    </span>
  ) : null;

const className = (isWide: boolean | undefined) => (isWide ? 'field grow' : 'field');
const described = (id: string, { hint, problem }: Labelled) =>
  hint === undefined && problem === undefined ? undefined : id;
type Typed = ChangeEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>;

export const Input = (props: InputProps) => {
  const {
    label,
    value,
    onChange,
    type = 'text',
    placeholder,
    isMono,
    isRequired,
    min,
    max,
    suggestions,
    isWide,
  } = props;
  const id = useId();
  return (
    <div className={className(isWide)}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className={isMono ? 'mono' : undefined}
        value={value}
        type={type}
        placeholder={placeholder}
        required={isRequired}
        min={min}
        max={max}
        list={suggestions === undefined ? undefined : `${id}-list`}
        autoComplete="off"
        spellCheck={false}
        aria-invalid={props.problem === undefined ? undefined : true}
        aria-describedby={described(`${id}-note`, props)}
        onChange={(event: Typed) => onChange(event.target.value)}
      />
      {suggestions === undefined ? null : (
        <datalist id={`${id}-list`}>
          {suggestions.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
      <Notes id={`${id}-note`} hint={props.hint} problem={props.problem} />
    </div>
  );
};

interface AreaProps extends Labelled {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly rows?: number;
  readonly placeholder?: string;
}

/** Text of several lines, in the type of code. */
export const Area = (props: AreaProps) => {
  const { label, value, onChange, rows = 6, placeholder, isWide } = props;
  const id = useId();
  return (
    <div className={className(isWide)}>
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        className="mono"
        rows={rows}
        value={value}
        placeholder={placeholder}
        spellCheck={false}
        aria-invalid={props.problem === undefined ? undefined : true}
        aria-describedby={described(`${id}-note`, props)}
        onChange={(event: Typed) => onChange(event.target.value)}
      />
      <Notes id={`${id}-note`} hint={props.hint} problem={props.problem} />
    </div>
  );
};

interface ChoiceProps extends Labelled {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly options: readonly (string | readonly [value: string, shown: string])[];
}

export const Choice = (props: ChoiceProps) => {
  const { label, value, onChange, options, isWide } = props;
  const id = useId();
  return (
    <div className={className(isWide)}>
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-describedby={described(`${id}-note`, props)}
        onChange={(event: Typed) => onChange(event.target.value)}
      >
        {options.map((option) => {
          const [key, shown] = typeof option === 'string' ? [option, option] : option;
          return (
            <option key={key} value={key}>
              {shown}
            </option>
          );
        })}
      </select>
      <Notes id={`${id}-note`} hint={props.hint} problem={props.problem} />
    </div>
  );
};

export const Check = ({
  label,
  value,
  onChange,
}: {
  label: string;
  value: boolean;
  onChange: (value: boolean) => void;
}) => (
  <label className="check">
    <input type="checkbox" checked={value} onChange={(event) => onChange(event.target.checked)} />
    {label}
  </label>
);
