import * as E from 'fp-ts/lib/Either.js'
import type { Kind } from '@claimlog/client/unstable-internals'
import type { Desk } from './agent-session.ts'
import type { Problem } from './mcp-options.ts'

/** The requested kinds, which must be among those of this server; undefined or empty: all of those. */
export const wantedKinds = (
  { kinds }: Desk,
  asked: ReadonlyArray<Kind> | undefined,
): E.Either<Problem, ReadonlyArray<Kind>> => {
  if (asked === undefined || asked.length === 0) return E.right(kinds)
  const others = kinds.length === 0 ? [] : asked.filter(kind => !kinds.includes(kind))
  if (others.length === 0) return E.right(asked)
  return E.left({
    error: 'bad_input',
    message: `this server does not hand out tasks of the kind ${others.join(' or ')}`,
    hint: `use ${kinds.join(', ')}, or omit kinds; the server was started with --kinds`,
  })
}
