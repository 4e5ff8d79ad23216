/**
 * How many inputs a property is tried with: `usual`, which suits CI, or that times `MILLRACE_FUZZ_RUNS`. `npm run fuzz` sets it, and
 * the seed.
 */
export const fuzzRuns = (usual: number): number => Math.ceil(usual * Number(process.env['MILLRACE_FUZZ_RUNS'] ?? 1));
