import pc from 'picocolors'
import type { Status } from '@claimlog/domain'

/** Colours, where the terminal has them and `NO_COLOR` does not say otherwise. */
export const { bold, dim, yellow } = pc

const statusColours: Readonly<Record<Status | 'claimed', (text: string) => string>> = {
  blocked: yellow,
  ready: pc.cyan,
  claimed: bold,
  done: pc.green,
  failed: pc.red,
  cancelled: dim,
}

export const colouredStatus = (status: Status | 'claimed'): string => statusColours[status](status)
