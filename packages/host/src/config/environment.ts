/**
 * The value of one environment variable, for a program whose configuration is no service's, or a file that names it as
 * `${NAME}` so that the secret is not in the file. Undefined where it is missing or empty.
 */
export const readVariable = (
  name: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined => environment[name] || undefined;
