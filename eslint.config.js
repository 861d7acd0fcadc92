// Style is Prettier's; this file holds what style cannot: types, promises, and the one direction data flows in.
import js from '@eslint/js'
import importX from 'eslint-plugin-import-x'
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

const src = './dispatch-backend/src'

/** `from` may not import `target`s: design rule "http -> domain -> store, engine -> store; delivery is pure". */
const zone = (targets, from, message) =>
  targets.map((target) => ({ target: `${src}/${target}`, from: `${src}/${from}`, message }))

const ZONES = [
  ...zone(['delivery', 'store', 'domain', 'engine', 'auth', 'mail'], 'http', 'only main and cli know http'),
  ...zone(['delivery', 'store', 'domain', 'http', 'auth', 'mail'], 'engine', 'only main and cli know the engine'),
  ...zone(['delivery', 'store', 'engine'], 'domain', 'domain sits above'),
  ...zone(['delivery', 'store', 'engine'], 'auth', 'auth sits above'),
  ...zone(['delivery', 'store', 'engine'], 'mail', 'mail sits above'),
  ...zone(['delivery'], 'store', 'delivery is pure'),
  ...zone(['delivery', 'store', 'domain', 'engine', 'http', 'auth', 'mail'], 'cli', 'only main knows cli'),
  ...zone(
    ['delivery', 'store', 'domain', 'engine', 'http', 'auth', 'mail'],
    'config.ts',
    'take plain values, not the configuration',
  ),
]

const web = './dispatch-web/src'

/** Shared parts -> features -> pages; only the routes know all pages. */
const WEB_ZONES = [
  ...['components', 'lib'].flatMap((shared) =>
    ['features', 'pages', 'routes.tsx', 'router.tsx'].map((above) => ({
      target: `${web}/${shared}`,
      from: `${web}/${above}`,
      message: 'shared parts know no feature and no page',
    })),
  ),
  { target: `${web}/lib`, from: `${web}/components`, message: 'lib shows nothing' },
  ...['pages', 'routes.tsx', 'router.tsx'].map((above) => ({
    target: `${web}/features`,
    from: `${web}/${above}`,
    message: 'a feature knows no page',
  })),
]

const TIMERS = [
  'Date',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
]

/**
 * What runs for each job, delivery or row. Node 20 gives `{ ...a, b }` and `{ ...a, ...b }` a hidden class of their own each
 * time, which lives until a full collection and makes every access to the object slow; `{ b, ...a }` and `Object.assign`
 * (of a dozen keys at the most; more make a dictionary) do not.
 */
const HOT_FILES = [
  'delivery/{delivery-request,signature}.ts',
  'engine/{attempt,claimer,due-queue,slots}.ts',
  'engine/send/{exchange,connection-pool,cut}.ts',
  'http/{gate,jobs,rate-limiter,shared-rate-limiter,render-job}.ts',
  'store/stored-job.ts',
  'store/sql/{attempts,claims,create-jobs,jobs}.ts',
].map((file) => `dispatch-backend/src/${file}`)

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', 'data/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['vitest.config.ts', 'dispatch-web/vite.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { 'import-x': importX },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // Numbers in messages are what people read.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // `void` beside a value is how a loop says "optionally again".
      '@typescript-eslint/no-invalid-void-type': 'off',
      // Batches bind rows whose presence the types already prove; `!` after an index check reads better than a throw.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['dispatch-backend/src/**/*.ts'],
    rules: {
      'import-x/no-restricted-paths': ['error', { zones: ZONES }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
    },
    settings: { 'import-x/resolver-next': [importX.createNodeResolver({ extensionAlias: { '.js': ['.ts', '.js'] } })] },
  },
  {
    files: ['dispatch-backend/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/testing/**', '**/clock.ts'],
    rules: {
      'no-restricted-globals': ['error', ...TIMERS.map((name) => ({ name, message: 'time comes from clock.ts' }))],
      'no-restricted-imports': ['error', { patterns: ['node:timers*', 'node:perf_hooks', 'timers*', 'perf_hooks'] }],
    },
  },
  {
    files: ['dispatch-backend/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/testing/**', '**/config.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'only config.ts reads the environment' },
      ],
    },
  },
  {
    files: HOT_FILES,
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ObjectExpression > SpreadElement:not(:last-child)',
          message: 'per job: spread last, or Object.assign (see HOT_FILES)',
        },
      ],
    },
  },
  {
    files: ['dispatch-client/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/testing/**', '**/clock.ts'],
    rules: {
      // Dates come in and are rendered, so `Date` itself is allowed; reading the time is not.
      'no-restricted-globals': [
        'error',
        ...TIMERS.filter((name) => name !== 'Date').map((name) => ({ name, message: 'time comes from clock.ts' })),
      ],
      'no-restricted-properties': ['error', { object: 'Date', property: 'now', message: 'time comes from clock.ts' }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
    },
    settings: { 'import-x/resolver-next': [importX.createNodeResolver({ extensionAlias: { '.js': ['.ts', '.js'] } })] },
  },
  {
    files: ['dispatch-web/src/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat['recommended-latest']],
    rules: {
      'import-x/no-restricted-paths': ['error', { zones: WEB_ZONES }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
    },
    settings: { 'import-x/resolver-next': [importX.createNodeResolver({ extensions: ['.ts', '.tsx'] })] },
  },
  {
    files: ['dispatch-web/public/*.js'],
    languageOptions: { globals: { document: 'readonly', localStorage: 'readonly', matchMedia: 'readonly' } },
  },
  {
    files: ['**/*.test.ts', '**/testing/**/*.ts', '**/conformance/**/*.ts'],
    rules: {
      // Bodies of real answers are parsed JSON; each test asserts what it reads.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        Buffer: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
)
