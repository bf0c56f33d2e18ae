import { type ClockReading, type Command, msOf, onWallClock, type State, type Time } from '@claimlog/domain'

/** A command without a reading of the clocks, which the workspace adds. */
export type Order = Command extends infer C ? (C extends Command ? Omit<C, keyof ClockReading> : never) : never

/** A command as of a reading of the clocks. Not by a spread: see `stampOf`. This is how every command begins. */
export const commandAt = (order: Order, reading: ClockReading): Command => Object.assign({}, order, reading)

/** A command as it would be given at the moment `now` of a view of `state`. */
export const commandSeen = (order: Order, { clock }: State, now: Time): Command =>
  commandAt(order, { nowMs: msOf(onWallClock(now, clock)) })
