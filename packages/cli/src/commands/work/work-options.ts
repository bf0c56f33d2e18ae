import type { LeaseArgument } from '../../input/arguments.ts'

/** The flags of `claimlog work`; durations in milliseconds. */
export type WorkFlags = {
  readonly slots: number
  readonly once?: true
  readonly untilEmpty?: true
  readonly maxTasks?: number
  readonly timeout?: number
  readonly lease?: LeaseArgument
  readonly grace: number
  readonly quiet?: true
  readonly tag?: true
  readonly anyKind?: true
}
