import pc from 'picocolors'
import type { Status } from '@claimlog/domain'

/** Colours, where the terminal has them and `NO_COLOR` does not say otherwise. */
export const { bold, dim, red, green, yellow, cyan } = pc

const statusColours: Readonly<Record<Status | 'claimed', (text: string) => string>> = {
  blocked: yellow,
  ready: cyan,
  claimed: bold,
  done: green,
  failed: red,
  cancelled: dim,
}

export const colouredStatus = (status: Status | 'claimed'): string => statusColours[status](status)
