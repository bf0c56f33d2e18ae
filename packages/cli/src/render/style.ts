import pc from 'picocolors'
import type { Status } from '@claimlog/client/unstable-internals'
import { isStdoutTerminal, isStderrTerminal } from '../output/output.ts'

const { NO_COLOR, FORCE_COLOR, TERM } = process.env

// Not the library's own check, which treats a pipe in CI as a terminal.
const createColours = (isOnTerminal: boolean): ReturnType<typeof pc.createColors> =>
  pc.createColors(!NO_COLOR && (Boolean(FORCE_COLOR) || (isOnTerminal && TERM !== 'dumb')))

const colours = createColours(isStdoutTerminal())

/** Colours for stdout, on a terminal that supports them or with `FORCE_COLOR`, and never with `NO_COLOR`. */
export const { bold, dim, green, red, yellow } = colours

/** Colours for stderr. */
export const stderrColours = createColours(isStderrTerminal())

const statusColours: Readonly<Record<Status | 'claimed', (text: string) => string>> = {
  blocked: yellow,
  ready: colours.cyan,
  claimed: bold,
  done: colours.green,
  failed: colours.red,
  cancelled: dim,
}

export const colourStatus = (status: Status | 'claimed'): string => statusColours[status](status)
