import { problemAt } from '../../api/api-error.js';
import { useLive } from '../../api/live.js';
import { Area, Choice, Input } from '../../ui/field.js';
import type { TypedRoute } from './written.js';

interface FormProps {
  readonly typed: TypedRoute;
  readonly isNamed: boolean;
  /** Of the JSON. */
  readonly problem: string | undefined;
  /** What the console says of it. */
  readonly refusal: Error | undefined;
  readonly onChange: (typed: TypedRoute) => void;
}

/** Where members of the route stand that have a field of their own; what is said of others is said of the rule. */
const FIELDS = ['name', 'topics', 'priority', 'transform'] as const;

export const RouteForm = ({ typed, isNamed, problem, refusal, onChange }: FormProps) => {
  const topics = useLive().snapshot?.topics.map(({ name }) => name) ?? [];
  const put = (name: keyof TypedRoute) => (value: string) => onChange({ ...typed, [name]: value });
  const field = (name: (typeof FIELDS)[number]) => ({
    value: typed[name],
    onChange: put(name),
    problem: problemAt(refusal, `/route/${name}`),
  });
  const ofRule = FIELDS.some((name) => field(name).problem !== undefined) ? undefined : refusal?.message;
  return (
    <div className="stack tight">
      <div className="fields">
        {isNamed ? null : <Input label="Name" {...field('name')} placeholder="large-orders" isWide isRequired />}
        <Input
          label="Topics"
          {...field('topics')}
          placeholder="orders, finance"
          suggestions={topics}
          hint="comma-separated"
          isWide
        />
        <Input label="Priority" type="number" {...field('priority')} placeholder="100" hint="lower number runs first" />
        <Choice
          label="Matches by"
          value={typed.kind}
          onChange={put('kind')}
          options={[
            ['pattern', 'event pattern'],
            ['filters', 'CloudEvents filters'],
          ]}
        />
      </div>
      <Area
        label={typed.kind === 'pattern' ? 'Pattern' : 'Filters'}
        rows={Math.min(20, Math.max(7, typed.rule.split('\n').length + 1))}
        value={typed.rule}
        onChange={put('rule')}
        problem={problem ?? ofRule}
        hint={
          typed.kind === 'pattern'
            ? 'Matches the whole event: type, source, data.amount. Each leaf lists the accepted values.'
            : undefined
        }
      />
      <Area
        label="Transform"
        rows={2}
        {...field('transform')}
        placeholder='{ "subject": data.customer }'
        hint="Optional JSONata: the members of its result are set in the copies."
      />
    </div>
  );
};
