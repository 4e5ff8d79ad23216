const NAMES = ['--accent', '--chart-2', '--chart-3', '--chart-4', '--chart-5', '--chart-6'] as const;

/** The colour of a line, as CSS names it. */
export const colourOf = (index: number): string => `var(${NAMES[index % NAMES.length]})`;

/** The colour itself, as a canvas needs it. */
export const drawnColour = (name: string): string => {
  const style = getComputedStyle(document.documentElement);
  return style.getPropertyValue(name.replace(/^var\((.*)\)$/, '$1')).trim();
};
