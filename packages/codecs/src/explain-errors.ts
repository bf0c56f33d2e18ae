import type * as t from 'io-ts'

/** Enough to fix an input; a thousand wrong lines need not be listed. */
const errorsShownMax = 5

/** A field of an input that is wrong, and the problem, as in `must be a whole number`. */
type FieldProblem = {
  /** The names of the field and of those around it, as in JSON; empty for the input itself. */
  readonly path: ReadonlyArray<string>
  readonly problem: string
}

/** Lists the first errors of an input. */
export const listProblems = (errors: t.Errors): ReadonlyArray<FieldProblem> =>
  errors.slice(0, errorsShownMax).map(({ context, message }) => ({
    path: context
      .slice(1)
      .map(entry => entry.key)
      .filter(key => key !== ''),
    problem: message ?? `must be ${context.at(-1)?.type.name ?? 'something else'}`,
  }))

/**
 * Formats the errors of an input, each with its path: `backoff.max_ms must be …`. `formatPath` formats a path.
 */
export const explainErrors = (
  errors: t.Errors,
  formatPath: (path: ReadonlyArray<string>) => string = path => path.join('.'),
): string =>
  listProblems(errors)
    .map(({ path, problem }) => `${formatPath(path)} ${problem}`.trimStart())
    .join('; ')
