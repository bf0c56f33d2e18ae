import pc from 'picocolors'
import type { Status } from '@claimlog/client/unstable-internals'
import { isTerminal, tellsTerminal } from '../output/output.ts'

const { NO_COLOR, FORCE_COLOR, TERM } = process.env

// Not as the library would decide: to it a pipe in CI is a terminal too.
const coloursOn = (isOnTerminal: boolean): ReturnType<typeof pc.createColors> =>
  pc.createColors(!NO_COLOR && (Boolean(FORCE_COLOR) || (isOnTerminal && TERM !== 'dumb')))

const colours = coloursOn(isTerminal())

/** Colours, on a terminal that has them or where `FORCE_COLOR` asks for them, and never where `NO_COLOR` is set. */
export const { bold, dim, green, red, yellow } = colours

/** The same for messages, on stderr. */
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
