import pc from 'picocolors'
import type { Status } from '@claimlog/domain'
import { isTerminal } from '../terminal.ts'

const { NO_COLOR, FORCE_COLOR, TERM } = process.env

// Not as the library would decide: to it a pipe in CI is a terminal too.
const coloured = !NO_COLOR && (Boolean(FORCE_COLOR) || (isTerminal() && TERM !== 'dumb'))
const colours = pc.createColors(coloured)

/** Colours, on a terminal that has them or where `FORCE_COLOR` asks for them, and never where `NO_COLOR` is set. */
export const { bold, dim, green, red, yellow } = colours

const statusColours: Readonly<Record<Status | 'claimed', (text: string) => string>> = {
  blocked: yellow,
  ready: colours.cyan,
  claimed: bold,
  done: colours.green,
  failed: colours.red,
  cancelled: dim,
}

export const colouredStatus = (status: Status | 'claimed'): string => statusColours[status](status)
