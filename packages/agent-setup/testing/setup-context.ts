import * as E from 'fp-ts/lib/Either.js'
import type { SetupContext } from '../src/agent.ts'

/** claimlog is on the PATH, and the project has its own workspace. */
export const setupContext: SetupContext = {
  command: { words: ['claimlog'], onPath: true },
  queueFlags: [],
  force: false,
}

/** The right of an edit; throws its left. */
export const unwrap = <A>(edited: E.Either<string, A>): A => {
  if (E.isLeft(edited)) throw new Error(edited.left)
  return edited.right
}
