/** `npm run fuzz` gives all properties of a round one seed, so that it can be repeated. */
// biome-ignore lint/suspicious/noUndeclaredEnvVars: no task of turbo runs with it
const seed = process.env.MILLRACE_FUZZ_SEED;
if (seed !== undefined) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ seed: Number(seed) });
}
