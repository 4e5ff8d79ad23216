interface TabsProps<T extends string> {
  readonly label: string;
  readonly tabs: readonly (readonly [T, string])[];
  readonly chosen: T;
  readonly onChoose: (tab: T) => void;
}

/** Which part of a thing is shown. */
export const Tabs = <T extends string>({ label, tabs, chosen, onChoose }: TabsProps<T>) => (
  <nav className="tabs" aria-label={label}>
    {tabs.map(([name, title]) => (
      <button
        key={name}
        type="button"
        aria-current={name === chosen ? 'true' : undefined}
        onClick={() => onChoose(name)}
      >
        {title}
      </button>
    ))}
  </nav>
);
