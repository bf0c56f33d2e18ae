import type * as t from 'io-ts'

/** Enough to fix an input; a thousand wrong lines need not be listed. */
const errorsShownMax = 5

/**
 * Formats the errors of an input, each with its path: `backoff.max_ms must be …`. `formatPath` formats a path.
 */
export const explainErrors = (
  errors: t.Errors,
  formatPath: (path: ReadonlyArray<string>) => string = path => path.join('.'),
): string =>
  errors
    .slice(0, errorsShownMax)
    .map(({ context, message }) => {
      const path = context
        .slice(1)
        .map(entry => entry.key)
        .filter(key => key !== '')
      return `${formatPath(path)} ${message ?? `must be ${context.at(-1)?.type.name ?? 'something else'}`}`.trimStart()
    })
    .join('; ')
