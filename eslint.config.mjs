import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

const processEnv = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Read the environment in src/config/config.ts only.',
};

/** The lint rules on regular expressions see literals alone. */
const dynamicRegex = {
  selector: "NewExpression[callee.name='RegExp'], CallExpression[callee.name='RegExp']",
  message: 'Match a pattern with string functions in linear time (src/steps/knowledge/glob.ts).',
};

/** Escape sequences of others and credentials are taken out in one place alone. */
const output = [
  {
    selector:
      ":not(MemberExpression[property.name=/^(isTTY|columns)$/]) > MemberExpression[object.name='process'][property.name=/^std(out|err)$/]",
    message: 'Print by src/cli/print.ts; log by writeMessage of src/adapters/terminal/output.ts.',
  },
  {
    selector: "MemberExpression[object.name='console']",
    message: 'Print by src/cli/print.ts; log by writeMessage of src/adapters/terminal/output.ts.',
  },
];

/** A path inside a package is not its interface; these packages document such paths as entry points. */
const insidePackage = {
  regex:
    '^(?!node:|ajv/dist/2020$|gpt-tokenizer/encoding/|@modelcontextprotocol/(?:client|server)/stdio$)(@[^/]+/[^/]+|[^@./][^/]*)/',
  message: 'Import what the package exports, or add the reason to src/temporal/sdk-internals.ts.',
};

/** JSON.parse has no bound at all; a file of this package is read with it where a comment says so. */
const jsonParse = {
  selector: "CallExpression[callee.object.name='JSON'][callee.property.name='parse']",
  message: 'Use parseBoundedJson of src/adapters/upstream/bounded-json.ts.',
};

/** A schema builds one complaint for each bad value of an answer; JSON.parse has no bound at all. */
const unboundedParse = [
  {
    selector: "CallExpression[callee.property.name='safeParse']",
    message: 'Use checkShape or parseShape of src/adapters/upstream/bounded-json.ts.',
  },
  {
    selector:
      "CallExpression[callee.property.name='parse'][callee.object.name!=/^(JSON|Date|path)$/]",
    message: 'Use parseShape of src/adapters/upstream/bounded-json.ts.',
  },
  jsonParse,
];

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'node_modules/',
      '**/*.cjs',
      '**/*.mjs',
      'coverage/',
      '.cache/',
      'docs/examples/',
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  { languageOptions: { parserOptions: { projectService: true } } },
  { rules: { 'no-restricted-imports': ['error', { patterns: [insidePackage] }] } },
  {
    files: ['src/temporal/sdk-internals.ts', 'test/fixtures/history-json.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
  {
    files: ['src/**/*.ts', 'sandbox/**/*.ts'],
    plugins: { regexp },
    rules: {
      // One regular expression that is not linear lets one small answer stop every run of a worker.
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential' }],
      'max-lines': ['error', { max: 250, skipBlankLines: false }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-deprecated': 'error',
      'no-restricted-syntax': ['error', processEnv, dynamicRegex, jsonParse, ...output],
    },
  },
  {
    files: ['src/config/config.ts', 'src/embedded/**/*.ts', 'src/cli/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', dynamicRegex, jsonParse, ...output] },
  },
  {
    files: ['src/adapters/terminal/**/*.ts', 'src/scripts/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', processEnv, dynamicRegex] },
  },
  {
    files: ['src/cli/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { name: 'picocolors', message: 'Take colours of src/adapters/terminal/colours.ts.' },
        { name: 'log-update', message: 'Take liveBlock of src/adapters/terminal/output.ts.' },
      ],
    },
  },
  {
    files: ['src/adapters/**/*.ts', 'src/codec/**/*.ts'],
    ignores: ['src/adapters/terminal/**', 'src/adapters/upstream/bounded-json.ts'],
    rules: {
      'no-restricted-syntax': ['error', processEnv, dynamicRegex, ...output, ...unboundedParse],
    },
  },
  {
    files: ['src/workflows/release-executor/**/*.ts'],
    ignores: ['**/recorded-time.ts', '**/release-messages.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...[processEnv, dynamicRegex, jsonParse, ...output],
        ...[
          "NewExpression[callee.name='Date'][arguments.length=0]",
          "CallExpression[callee.object.name='Date'][callee.property.name='now']",
        ].map((selector) => ({
          selector,
          message: 'Take `release.tick()`: see recorded-time.ts.',
        })),
      ],
    },
  },
  {
    files: ['src/steps/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        processEnv,
        dynamicRegex,
        ...output,
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: '`now` comes in as an argument.',
        },
        {
          selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
          message: '`now` comes in as an argument.',
        },
        {
          selector: "MemberExpression[object.name='Math'][property.name='random']",
          message: 'A step is deterministic.',
        },
      ],
    },
  },
  {
    files: ['src/workflows/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [insidePackage, { group: ['node:*', '../activities/*', '../adapters/*'] }] },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
);
