/** The layers of ARCHITECTURE.md, executable. Type-only imports vanish (tsPreCompilationDeps: false). */
const rule = (name, from, to) => ({ name, severity: 'error', from: { path: from }, to });
/** Pure libraries that a step may call: text ranking, PromQL grammar, number formatting, version order. */
const pure = 'node_modules/(minisearch|@prometheus-io|@lezer|filesize|ms|semver)/';

module.exports = {
  forbidden: [
    rule('no-cycles', '.', { circular: true }),
    rule('domain', '^src/domain', { pathNot: '^(src/domain|node_modules/zod)' }),
    rule('steps-pure', '^src/steps', { pathNot: `^(src/(steps|domain/names)|${pure})` }),
    rule('adapters', '^src/adapters', { path: '^src/(?!adapters|domain)' }),
    rule('activities', '^src/activities', {
      path: '^src/(workflows|config|worker|client|cli|embedded)',
    }),
    {
      name: 'client-without-worker',
      severity: 'error',
      from: { path: '^src/client' },
      to: { reachable: true, path: 'node_modules/@temporalio/(worker|core-bridge)' },
    },
    rule('product-without-sandbox', '^src/(?!cli)', { path: '^(sandbox|test)/' }),
    {
      name: 'isolate',
      severity: 'error',
      from: { path: '^src/workflows' },
      to: {
        reachable: true,
        path: '^(?!src/(workflows|steps)/|src/domain/names|node_modules/@temporalio/(workflow|common))',
      },
    },
  ],
  options: {
    tsPreCompilationDeps: false,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
