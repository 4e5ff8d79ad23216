/** `npm run fuzz` gives all properties of a round one seed, so that it can be repeated. */
const seed = process.env.MILLRACE_FUZZ_SEED;
if (seed !== undefined) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ seed: Number(seed) });
}
