import * as E from 'fp-ts/lib/Either.js'
import type { Surroundings } from '../src/agent.ts'

/** A claimlog on the PATH, in a project with a workspace of its own. */
export const surroundings: Surroundings = {
  command: { words: ['claimlog'], onPath: true },
  namedDir: undefined,
  force: false,
}

/** What an edit came to; throws why there is none. */
export const right = <A>(edited: E.Either<string, A>): A => {
  if (E.isLeft(edited)) throw new Error(edited.left)
  return edited.right
}
