import { type ChangeEvent, type ComponentProps, type ReactNode, useId } from 'react';

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** What it takes, in a few words. */
  readonly hint?: string | undefined;
  /** What is wrong with what stands there. */
  readonly problem?: string | undefined;
  /** Grows with its row. */
  readonly isWide?: boolean;
}

/** What every control of a field has. */
interface Attributes {
  readonly id: string;
  readonly value: string;
  readonly 'aria-invalid': true | undefined;
  readonly 'aria-describedby': string | undefined;
  readonly onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>) => void;
}

/** A control with its label, and a note below it: what is wrong, else what it takes. */
const Field = (props: FieldProps & { control: (attributes: Attributes) => ReactNode }) => {
  const { label, value, onChange, hint, problem, isWide, control } = props;
  const id = useId();
  const isWrong = problem !== undefined;
  const note = problem ?? hint;
  return (
    <div className={isWide ? 'field grow' : 'field'}>
      <label htmlFor={id}>{label}</label>
      {control({
        id,
        value,
        'aria-invalid': isWrong || undefined,
        'aria-describedby': note === undefined ? undefined : `${id}-note`,
        onChange: (event) => onChange(event.target.value),
      })}
      {note === undefined ? null : (
        <span className={isWrong ? 'note bad' : 'note'} id={`${id}-note`} role={isWrong ? 'alert' : undefined}>
          {note}
        </span>
      )}
    </div>
  );
};

interface InputProps extends FieldProps {
  readonly type?: 'text' | 'number' | 'password' | 'url';
  readonly placeholder?: string;
  readonly isMono?: boolean;
  readonly isRequired?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly suggestions?: readonly string[];
}

export const Input = ({ type = 'text', isMono, isRequired, suggestions, ...more }: InputProps) => (
  <Field
    {...more}
    control={(attributes) => (
      <>
        <input
          {...attributes}
          type={type}
          placeholder={more.placeholder}
          min={more.min}
          max={more.max}
          className={isMono ? 'mono' : undefined}
          required={isRequired}
          list={suggestions && `${attributes.id}-list`}
          autoComplete="off"
          spellCheck={false}
        />
        {suggestions === undefined ? null : (
          <datalist id={`${attributes.id}-list`}>
            {suggestions.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        )}
      </>
    )}
  />
);

/** Text of several lines, in the type of code. */
export const Area = ({ rows = 6, placeholder, ...field }: FieldProps & { rows?: number; placeholder?: string }) => (
  <Field
    {...field}
    control={(attributes) => (
      <textarea {...attributes} className="mono" rows={rows} placeholder={placeholder} spellCheck={false} />
    )}
  />
);

interface ChoiceProps extends FieldProps {
  readonly options: readonly (string | readonly [value: string, shown: string])[];
}

export const Choice = ({ options, ...field }: ChoiceProps) => (
  <Field
    {...field}
    control={(attributes) => (
      <select {...attributes}>
        {options.map((option) => {
          const [value, shown] = typeof option === 'string' ? [option, option] : option;
          return (
            <option key={value} value={value}>
              {shown}
            </option>
          );
        })}
      </select>
    )}
  />
);

interface CheckProps {
  readonly label: string;
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
}

export const Check = ({ label, value, onChange }: CheckProps) => (
  <label className="check">
    <input type="checkbox" checked={value} onChange={(event) => onChange(event.target.checked)} />
    {label}
  </label>
);

/** A form whose answer this page gives: the browser sends nothing. */
export const Form = ({ onSubmit, ...more }: Omit<ComponentProps<'form'>, 'onSubmit'> & { onSubmit?: () => void }) => (
  <form
    {...more}
    onSubmit={(event) => {
      event.preventDefault();
      onSubmit?.();
    }}
  />
);
