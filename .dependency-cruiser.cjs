/** The rules of who may import whom; `npm run check` runs them. */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'apps-are-leaves',
      comment: 'An app imports packages, never another app.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'packages-know-no-app',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(apps|tools)/' },
    },
    {
      name: 'pure-packages',
      comment: 'events, patterns and json are pure: of ours no package that is not, none of others.',
      severity: 'error',
      from: { path: '^packages/(events|patterns|json)/src/', pathNot: '^packages/json/src/yaml.ts$' },
      to: {
        dependencyTypesNot: ['local', 'core'],
        pathNot: '^packages/(events|patterns|json|streams)/',
        dependencyTypes: ['npm'],
      },
    },
    {
      name: 'the-contract-of-the-api-is-pure',
      comment: 'Programs of any kind share it: it knows no framework, and nothing of ours.',
      severity: 'error',
      from: { path: '^packages/admin-api/src/' },
      to: { pathNot: '^packages/admin-api/src/' },
    },
    {
      name: 'streams-contract-is-pure',
      comment: 'What is outside of the transports is the contract: it has no dependency.',
      severity: 'error',
      from: { path: '^packages/streams/src/', pathNot: '^packages/streams/src/(redis|memory|testing)/' },
      to: { path: 'node_modules/|^packages/streams/src/(redis|memory|testing)/' },
    },
    {
      name: 'streams-know-no-nest',
      severity: 'error',
      from: { path: '^packages/streams/src/' },
      to: { path: 'node_modules/@nestjs/' },
    },
    {
      name: 'only-redis-transport-imports-ioredis',
      severity: 'error',
      from: { path: '^packages/streams/src/', pathNot: '^packages/streams/src/redis/' },
      to: { path: 'node_modules/ioredis/' },
    },
    {
      name: 'only-packages-with-functions-build-on-the-transport',
      comment:
        'What the transport has inside is for packages with Functions of their own; everybody else uses its public part.',
      severity: 'error',
      from: { path: '^(apps|packages|tools|bench)/', pathNot: '^packages/(streams|operations|definitions|series)/' },
      to: { path: '^packages/streams/(src|dist)/redis/internal' },
    },
    {
      name: 'services-know-no-operations',
      comment: 'What only takes in or delivers events, or is a kind of definitions, does nothing that operators do.',
      severity: 'error',
      from: {
        path: '^(apps/(gateway|sink-(?!webhook)[^/]+)|packages/(host|streams|streams-nest|definitions|routes|schemas|endpoints|api-keys))/src/',
      },
      to: { path: '^packages/operations/' },
    },
    {
      name: 'only-streams-nest-imports-microservices',
      comment: 'Apart from decorators that a handler needs, the Nest side of a transport is in streams-nest.',
      severity: 'error',
      from: { path: '^(apps|packages)/', pathNot: '^packages/(streams-nest|host|sink)/|\\.controller\\.ts$|/test/' },
      to: { path: 'node_modules/@nestjs/microservices/' },
    },
    {
      name: 'no-testkit-in-the-product',
      severity: 'error',
      from: { path: '^(apps|packages)/[^/]+/src/', pathNot: '^packages/(testkit|sink/src/testing)/' },
      to: { path: 'packages/testkit/' },
    },
    {
      name: 'no-undeclared',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'] },
    },
    { name: 'not-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules|(^|/)dist/' },
    // The peers have a package.json of their own, installed only when they are to run.
    exclude: { path: '^bench/peers/|(^|/)dist/.*[.]js$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
    combinedDependencies: true,
  },
};
