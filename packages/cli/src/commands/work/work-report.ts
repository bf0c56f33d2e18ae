import { type HeldTask, type LocalQueue, printable, type WorkerEvent } from '@claimlog/client/unstable-internals'
import { handOn, isTerminal, print, tell, tellsTerminal, untilRead, untilTold } from '../../output/output.ts'
import { dim, messageColours } from '../../render/style.ts'
import { eventLine, eventWords } from './event-words.ts'
import { type LiveDisplay, liveDisplay } from './live-display.ts'
import type { OutputTaker } from '@claimlog/command-runner'
import { wholeLines } from './whole-lines.ts'

/** How a worker is shown to whoever runs it. */
export type WorkReport = {
  readonly event: (event: WorkerEvent) => void
  /** Takes what a command prints. */
  readonly output: (held: HeldTask, stream: 'stdout' | 'stderr') => OutputTaker
  /** A message to the person. */
  readonly say: (text: string) => void
  /** How many commands run. */
  readonly running: () => number
  /** From now on nothing that commands print is shown, as it cannot be. */
  readonly stopOutput: () => void
  readonly end: () => void
}

export type ReportOptions = {
  readonly queue: LocalQueue
  readonly kinds: ReadonlyArray<string>
  readonly slots: number
  readonly asJson: boolean
  readonly isQuiet: boolean
  /** Put the id of its task before each line of a command. */
  readonly isTagged: boolean
}

/**
 * Shows a worker. What commands print goes where they print it: their stdout to stdout, their stderr to stderr, as it is,
 * and of several at once in whole lines; on a terminal each line comes after the id of its task, and is made safe to show.
 * All of the worker's own goes to stderr: a line for each event, or on a terminal a line for each running command under
 * what has happened so far, and a bar for the whole. As JSON the events have stdout for themselves, and all that commands
 * print goes to stderr.
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
    const before = dimmed(`${printable(id)} |`)
    return { line: line => unlessMute(() => write(`${before} ${printable(line)}\n`), stream) }
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
