import tseslint from 'typescript-eslint'

/** Size limits: a function should fit on a screen. Comments and blank lines do not count. */
const sizes = (file, fn) => ({
  'max-lines': ['error', { max: file, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: fn, skipBlankLines: true, skipComments: true }],
})

/** Only the domain and the checkpoint that stores it access the table of a state; others call the domain's queries. */
const tableOfState = ["MemberExpression[property.name='table']", "ObjectPattern > Property[key.name='table']"].map(
  selector => ({ selector, message: 'Call a query of @claimlog/domain instead of reading the table of a state.' }),
)

/** Code that runs for each event of every command: a pipe and its closures would cost more than the work itself. */
const hotPath = [
  'packages/{codecs,domain,event-log,event-log-line,event-log-file}/src/**/*.ts',
  'packages/workspace/src/{checkpoint-policy,checkpoint-store,command-input,current-state,run-command,workspace}.ts',
  'packages/client/src/task-either-methods.ts',
]
const noPipe = {
  group: ['fp-ts/*/function*', 'fp-ts/function'],
  importNames: ['pipe', 'flow'],
  message: 'Do not use pipe in code that runs for each event.',
}

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      ...sizes(200, 70),
      // A switch over a union lists each member and has no default, so that the compiler finds the places to change for
      // a new one.
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { allowDefaultCaseForExhaustiveSwitch: false }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      eqeqeq: 'error',
      'no-console': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: ['packages/{domain,checkpoint}/**', '**/*.test.ts'],
    rules: { 'no-restricted-syntax': ['error', ...tableOfState] },
  },
  {
    files: hotPath,
    ignores: ['packages/event-log-file/src/{repair,move}/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [noPipe] }] },
  },
  { files: ['**/*.test.ts', 'test/**/*.ts', '**/conformance.ts'], rules: sizes(400, 400) },
  { files: ['packages/bench/**'], rules: { 'no-console': 'off' } },
)
