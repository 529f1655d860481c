const common = {
  testEnvironment: '<rootDir>/test/fixtures/plain-environment.cjs',
  // Jest loads CommonJS: D3 ships its modules in a form for it as well.
  moduleNameMapper: {
    '^fast-check$': '<rootDir>/test/fixtures/seeded-fast-check.cjs',
    '^(d3-[a-z-]+|internmap)$': '<rootDir>/node_modules/$1/dist/$1.min.js',
  },
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
  },
};

/** `unit` needs nothing but Node; `servers` starts real Temporal, Elasticsearch and Prometheus (see README, Tests). */
module.exports = {
  // A test that waits for nothing slow can still wait for its turn on a busy machine.
  testTimeout: 120_000,
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/(integration|e2e|chaos)/'],
    },
    {
      ...common,
      displayName: 'servers',
      testMatch: ['<rootDir>/test/{integration,e2e,chaos}/**/*.test.ts'],
    },
  ],
};
