import * as E from 'fp-ts/lib/Either.js'
import type { Kind } from '@claimlog/client/unstable-internals'
import type { ToolContext } from './agent-session.ts'
import type { ToolError } from './mcp-options.ts'

/** The requested kinds, which must be among those of this server; undefined or empty: all of those. */
export const selectKinds = (
  { kinds }: ToolContext,
  requested: ReadonlyArray<Kind> | undefined,
): E.Either<ToolError, ReadonlyArray<Kind>> => {
  if (requested === undefined || requested.length === 0) return E.right(kinds)
  const unavailable = kinds.length === 0 ? [] : requested.filter(kind => !kinds.includes(kind))
  if (unavailable.length === 0) return E.right(requested)
  return E.left({
    error: 'bad_input',
    message: `this server does not hand out tasks of the kind ${unavailable.join(' or ')}`,
    hint: `use ${kinds.join(', ')}, or omit kinds; the server was started with --kinds`,
  })
}
