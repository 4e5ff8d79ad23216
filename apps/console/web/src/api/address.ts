type Parameter = string | number | boolean | null | undefined;

/** A path with its query; what is empty is left out. */
export const withQuery = (path: string, query: Readonly<Record<string, Parameter | readonly string[]>>): string => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) {
      if (one !== undefined && one !== null && one !== '') parameters.append(name, String(one));
    }
  }
  return parameters.size === 0 ? path : `${path}?${parameters}`;
};

/** A path of names that may hold anything: each is escaped. */
export const pathOf = (...parts: readonly (string | number)[]): string =>
  parts.map((part) => encodeURIComponent(part)).join('/');
