import type { Command } from 'commander'
import { add } from '../commands/add.ts'
import { claim } from '../commands/claim.ts'
import { complete } from '../commands/complete.ts'
import { fail } from '../commands/fail.ts'
import { release } from '../commands/release.ts'
import { renew } from '../commands/renew.ts'

/** Defines a command on the program. */
export type Define = (program: Command) => void

/** The commands that workers run all the time. They are in a separate bundle, which must load fast. */
export const workerCommands = { add, claim, complete, fail, renew, release } satisfies Record<string, Define>
