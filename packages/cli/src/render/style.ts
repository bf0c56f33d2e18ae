import pc from 'picocolors'
import type { Status } from '@claimlog/client/unstable-internals'
import { isTerminal, tellsTerminal } from '../output/output.ts'

const { NO_COLOR, FORCE_COLOR, TERM } = process.env

// Not the library's own check, which treats a pipe in CI as a terminal.
const coloursOn = (isOnTerminal: boolean): ReturnType<typeof pc.createColors> =>
  pc.createColors(!NO_COLOR && (Boolean(FORCE_COLOR) || (isOnTerminal && TERM !== 'dumb')))

const colours = coloursOn(isTerminal())

/** Colours for stdout, on a terminal that supports them or with `FORCE_COLOR`, and never with `NO_COLOR`. */
export const { bold, dim, green, red, yellow } = colours

/** Colours for stderr. */
export const messageColours = coloursOn(tellsTerminal())

const statusColours: Readonly<Record<Status | 'claimed', (text: string) => string>> = {
  blocked: yellow,
  ready: colours.cyan,
  claimed: bold,
  done: colours.green,
  failed: colours.red,
  cancelled: dim,
}

export const colouredStatus = (status: Status | 'claimed'): string => statusColours[status](status)
