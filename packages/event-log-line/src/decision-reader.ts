import * as E from 'fp-ts/lib/Either.js'
import type { DamageCause, LogOffset, Numbered, OnEvents, ReadFailure } from '@claimlog/event-log'
import type { EventCodec } from './event-codec.ts'
import { damageFailure, isChained, isContinued, type LogPosition, parseLine, sliceHash, startOfLog } from './line.ts'

/** The reason why a line is not the next one, and the cause of that, if it is known. */
export type DamageReport = { readonly detail: string; readonly cause?: DamageCause }

/** A failure to read a line. */
export type LineFailure = E.Either<ReadFailure, never>

/** Checks the lines of a log one after the other: seq, chain and shape. Passes on whole decisions only. */
export type DecisionReader = {
  /** The position after the last whole decision that was passed on. */
  readonly position: () => LogPosition
  /** The position after the last sound line, which may be in the middle of a decision. */
  readonly readEnd: () => LogPosition
  /** Continues from `position`, up to which this log is known to be sound. */
  readonly seek: (position: LogPosition) => void
  /** Checks and adds the next line, without its newline; the following line starts `size` further. undefined: sound. */
  readonly addLine: (line: string, size: number) => LineFailure | undefined
  /** Passes on the decisions that are whole now. */
  readonly emitWhole: () => void
  /** The failure of the line after {@link DecisionReader.readEnd}. */
  readonly toFailure: (report: DamageReport) => LineFailure
}

/**
 * A reader at the start of the log at `path`. Passes whole decisions to `emit`, in order, each event with its offset.
 * `explainBreak` finds the reason why a line does not follow the one before it.
 */
export const openDecisionReader = <A extends Numbered>(
  path: string,
  codec: EventCodec<A>,
  emit: OnEvents<A>,
  explainBreak: (line: string, position: LogPosition) => DamageReport,
): DecisionReader => {
  let position = startOfLog
  /** Mutated, because it changes with every line that is ever read. */
  const readEnd = { ...startOfLog }
  /** The events that were read and not passed on yet, and how many of them belong to whole decisions. */
  let events: Array<A> = []
  let offsets: Array<LogOffset> = []
  let wholeCount = 0

  const toFailure = ({ detail, cause }: DamageReport): LineFailure =>
    E.left(damageFailure(path, readEnd, detail, cause))

  return {
    position: () => position,
    readEnd: () => readEnd,
    seek: next => {
      if (next === position && readEnd.offset === next.offset) return
      position = next
      Object.assign(readEnd, next)
      events = []
      offsets = []
      wholeCount = 0
    },
    addLine: (line, size) => {
      if (!isChained(readEnd.hash, line)) return toFailure(explainBreak(line, readEnd))
      const fastEvent = codec.readPlain?.(line)
      const parseResult = fastEvent?.seq === readEnd.seq + 1 ? undefined : parseLine(path, codec, readEnd, line)
      if (parseResult !== undefined && E.isLeft(parseResult)) return parseResult
      const event = parseResult === undefined ? (fastEvent as A) : parseResult.right.event
      const more = parseResult === undefined ? isContinued(line) : parseResult.right.more
      // While a decision of several lines is unfinished, reading must be able to restart before it.
      if (more && wholeCount === events.length) position = { ...readEnd }
      events.push(event)
      offsets.push(readEnd.offset)
      if (!more) wholeCount = events.length
      readEnd.seq += 1
      readEnd.lineOffset = readEnd.offset
      readEnd.offset += size
      readEnd.hash = sliceHash(line)
      return undefined
    },
    emitWhole: () => {
      if (wholeCount === events.length) position = { ...readEnd }
      if (wholeCount === 0) return
      const [emittedEvents, emittedOffsets] = [events, offsets]
      events = emittedEvents.splice(wholeCount)
      offsets = emittedOffsets.splice(wholeCount)
      wholeCount = 0
      emit(emittedEvents, emittedOffsets)
    },
    toFailure,
  }
}
