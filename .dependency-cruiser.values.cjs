/**
 * What a chain of imports must not reach at run time. Type imports are gone after compilation, so they do not count
 * here (`tsPreCompilationDeps: false`): workflow code may use the types that zod schemas give, and no zod.
 */
module.exports = {
  forbidden: [
    {
      name: 'isolate',
      comment: 'Workflow code runs in an isolate: no Node, no zod, no activity, no adapter.',
      severity: 'error',
      from: { path: '^src/workflows/' },
      to: {
        reachable: true,
        path: '^(?!src/(workflows|steps|guard)/|src/domain/names|node_modules/@temporalio/(workflow|common)/)',
      },
    },
    {
      name: 'client-without-worker',
      comment: 'An orchestrator that imports the client must not load the native worker.',
      severity: 'error',
      from: { path: '^src/client' },
      to: { reachable: true, path: 'node_modules/@temporalio/(worker|core-bridge)/' },
    },
  ],
  options: {
    tsPreCompilationDeps: false,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
