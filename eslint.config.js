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

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      ...sizes(200, 70),
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
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
  { files: ['**/*.test.ts', 'test/**/*.ts', '**/conformance.ts'], rules: sizes(400, 400) },
  { files: ['packages/bench/**'], rules: { 'no-console': 'off' } },
)
