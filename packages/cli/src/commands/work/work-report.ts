import {
  type HandlerContext,
  type LocalQueue,
  toPrintable,
  type WorkerEvent,
} from '@claimlog/client/unstable-internals'
import { handOn, isTerminal, print, tell, tellsTerminal, untilRead, untilTold } from '../../output/output.ts'
import { dim, messageColours } from '../../render/style.ts'
import { eventLine, eventWords } from './event-words.ts'
import { type LiveDisplay, liveDisplay } from './live-display.ts'
import type { OutputTaker } from '@claimlog/command-runner'
import { wholeLines } from './whole-lines.ts'

/** Shows the events of a worker and the output of its commands. */
export type WorkReport = {
  readonly event: (event: WorkerEvent) => void
  /** The receiver of a command's output. */
  readonly output: (held: HandlerContext, stream: 'stdout' | 'stderr') => OutputTaker
  /** Prints a message for the user. */
  readonly say: (text: string) => void
  /** The number of running commands. */
  readonly running: () => number
  /** Drops all further output of commands, once it cannot be written. */
  readonly stopOutput: () => void
  readonly end: () => void
}

export type ReportOptions = {
  readonly queue: LocalQueue
  readonly kinds: ReadonlyArray<string>
  readonly slots: number
  readonly asJson: boolean
  readonly isQuiet: boolean
  /** Prefixes each line of a command with the id of its task. */
  readonly isTagged: boolean
}

/**
 * Shows a worker. Output of commands keeps its stream and is not changed, in whole lines if several run at once; on a
 * terminal each line is prefixed with the id of its task, with control characters escaped. Messages of the worker go to
 * stderr: one line per event and, on a terminal, one line per running command and a progress bar below them. With JSON the
 * events go to stdout alone, and all output of commands goes to stderr.
 */
export const workReport = (options: ReportOptions): WorkReport => {
  const { queue, kinds, slots, asJson, isQuiet, isTagged } = options
  const display = tellsTerminal() && !asJson ? liveDisplay(queue, kinds) : undefined
  const running = new Set<string>()
  let isMute = isQuiet

  const unlessMute = (write: () => void, stream: 'stdout' | 'stderr'): void | Promise<void> => {
    if (isMute) return undefined
    if (stream === 'stderr' || isTerminal()) above(display, write)
    else write()
    return stream === 'stdout' ? untilRead() : untilTold()
  }
  const tagged = (id: string, stream: 'stdout' | 'stderr'): OutputTaker => {
    const [write, dimmed] = stream === 'stdout' ? [print, dim] : [tell, messageColours.dim]
    const before = dimmed(`${toPrintable(id)} |`)
    return { line: line => unlessMute(() => write(`${before} ${toPrintable(line)}\n`), stream) }
  }
  const untouched = (stream: 'stdout' | 'stderr'): OutputTaker => {
    const write = (bytes: Uint8Array): void | Promise<void> => unlessMute(() => handOn(stream, bytes), stream)
    return slots === 1 ? { chunk: write } : wholeLines(write)
  }
  return {
    event: event => {
      if (event.event === 'claimed') running.add(event.task.id)
      else if ('tookMs' in event) running.delete('task' in event ? event.task.id : event.taskId)
      const time = new Date().toISOString()
      if (display !== undefined) display.event(event)
      else if (asJson) print(eventLine(event, time))
      else tell(`${messageColours.dim(time)}  ${eventWords(event)}\n`)
    },
    output: ({ task }, from) => {
      const stream = asJson ? 'stderr' : from
      const isShown = stream === 'stdout' ? isTerminal() : tellsTerminal()
      return isTagged || isShown ? tagged(task.id, stream) : untouched(stream)
    },
    say: text => above(display, () => tell(text)),
    running: () => running.size,
    stopOutput: () => {
      isMute = true
    },
    end: () => display?.end(),
  }
}

const above = (display: LiveDisplay | undefined, write: () => void): void =>
  display === undefined ? write() : display.above(write)
