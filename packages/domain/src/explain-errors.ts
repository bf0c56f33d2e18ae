import type * as t from 'io-ts'

/** What is wrong with an input, in words, the path to each place first: `needs.0 must be a task id: …`. */
export const explainErrors = (errors: t.Errors): string =>
  errors
    .slice(0, maxErrorsShown)
    .map(error => {
      const path = error.context
        .slice(1)
        .map(entry => entry.key)
        .filter(key => key !== '')
        .join('.')
      const problem = error.message ?? `must be ${error.context.at(-1)?.type.name ?? 'something else'}`
      return path === '' || problem.startsWith('needs ') ? problem : `${path} ${problem}`
    })
    .join('; ')

/** Enough to mend an input; a thousand wrong lines need not be listed. */
const maxErrorsShown = 5
