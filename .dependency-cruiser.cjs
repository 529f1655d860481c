const { layerRules } = require('./.ci/layers.cjs');

/**
 * The table "Layers" of ARCHITECTURE.md, and no circle; type imports count. What a chain of value imports must not
 * reach is in .dependency-cruiser.values.cjs.
 */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...layerRules(),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
