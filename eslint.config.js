import tseslint from 'typescript-eslint'

/** Sizes of STYLE: a function fits a screen, a file a sitting. Comments and blank lines are free. */
const sizes = (file, fn) => ({
  'max-lines': ['error', { max: file, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: fn, skipBlankLines: true, skipComments: true }],
})

/** The table of a state is the affair of the rules, and of the checkpoint that stores it: others ask the domain's queries. */
const tableOfState = ["MemberExpression[property.name='table']", "ObjectPattern > Property[key.name='table']"].map(
  selector => ({ selector, message: 'Ask a query of @claimlog/domain instead of the table of a state.' }),
)

/** What runs for each event, on the way of every command: a pipe, and the closures in it, cost more than what it does. */
const hotPath = [
  'packages/{codecs,domain,event-log,event-log-file}/src/**/*.ts',
  'packages/workspace/src/{checkpointing,current-state,order,run-command,workspace}.ts',
  'packages/client/src/task-either-methods.ts',
]
const noPipe = {
  group: ['fp-ts/*/function*', 'fp-ts/function'],
  importNames: ['pipe', 'flow'],
  message: 'No pipe for each event.',
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
      // A switch over a union names each member and has no default, so that the compiler names what a new one concerns.
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
    ignores: ['packages/event-log-file/src/repair/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [noPipe] }] },
  },
  { files: ['**/*.test.ts', 'test/**/*.ts', '**/conformance.ts'], rules: sizes(400, 400) },
  { files: ['packages/bench/**'], rules: { 'no-console': 'off' } },
)
