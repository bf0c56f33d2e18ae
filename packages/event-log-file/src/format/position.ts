/** A place between two decisions: at byte `offset`, after line `seq`, which starts at `lineOffset` and carries `hash`. */
export type Position = {
  readonly seq: number
  readonly lineOffset: number
  readonly offset: number
  readonly hash: string
}

export const startOfLog: Position = { seq: 0, lineOffset: 0, offset: 0, hash: '' }
