import {
  type HandlerContext,
  type LocalQueue,
  timeFromMs,
  toPrintable,
  type WorkerEvent,
} from '@claimlog/client/unstable-internals'
import {
  passOutput,
  isStdoutTerminal,
  writeStdout,
  writeStderr,
  isStderrTerminal,
  waitForStdout,
  waitForStderr,
} from '../../output/output.ts'
import { isForeground } from '../../output/is-foreground.ts'
import { dim, stderrColours } from '../../render/style.ts'
import { formatEventJson, formatEvent } from './format-event.ts'
import { type LiveDisplay, createLiveDisplay } from './live-display.ts'
import type { OutputConsumer } from '@claimlog/command-runner'
import { bufferLines } from './line-buffer.ts'

/** Shows the events of a worker and the output of its commands. */
export type WorkReport = {
  readonly event: (event: WorkerEvent) => void
  /** The receiver of a command's output. */
  readonly output: (context: HandlerContext, stream: 'stdout' | 'stderr') => OutputConsumer
  /** Prints a message for the user. */
  readonly report: (text: string) => void
  /** The number of running commands. */
  readonly countRunning: () => number
  /** Drops all further output of commands, once it cannot be written. */
  readonly stopOutput: () => void
  readonly end: () => void
}

export type WorkReportOptions = {
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
 * stderr: one line per event and, in the foreground of a terminal, one line per running command and a progress bar below
 * them. With JSON the events go to stdout alone, and all output of commands goes to stderr.
 */
export const createWorkReport = (options: WorkReportOptions): WorkReport => {
  const { queue, kinds, slots, asJson, isQuiet, isTagged } = options
  const display = !asJson && isStderrTerminal() && isForeground() ? createLiveDisplay(queue, kinds) : undefined
  const running = new Set<string>()
  let isMuted = isQuiet

  const writeUnlessMuted = (write: () => void, stream: 'stdout' | 'stderr'): void | Promise<void> => {
    if (isMuted) return undefined
    if (stream === 'stderr' || isStdoutTerminal()) printLog(display, write)
    else write()
    return stream === 'stdout' ? waitForStdout() : waitForStderr()
  }
  const tagLines = (id: string, stream: 'stdout' | 'stderr'): OutputConsumer => {
    const [write, dimmed] = stream === 'stdout' ? [writeStdout, dim] : [writeStderr, stderrColours.dim]
    const prefix = dimmed(`${toPrintable(id)} |`)
    return { line: line => writeUnlessMuted(() => write(`${prefix} ${toPrintable(line)}\n`), stream) }
  }
  const forwardOutput = (stream: 'stdout' | 'stderr'): OutputConsumer => {
    const write = (bytes: Uint8Array): void | Promise<void> => writeUnlessMuted(() => passOutput(stream, bytes), stream)
    return slots === 1 ? { chunk: write } : bufferLines(write)
  }
  return {
    event: event => {
      if (event.event === 'claimed') running.add(event.task.id)
      else if ('tookMs' in event) running.delete('task' in event ? event.task.id : event.taskId)
      const time = timeFromMs(queue.now())
      if (display !== undefined) display.event(event)
      else if (asJson) writeStdout(formatEventJson(event, time))
      else writeStderr(`${stderrColours.dim(time)}  ${formatEvent(event)}\n`)
    },
    output: ({ task }, source) => {
      const stream = asJson ? 'stderr' : source
      const isShown = stream === 'stdout' ? isStdoutTerminal() : isStderrTerminal()
      return isTagged || isShown ? tagLines(task.id, stream) : forwardOutput(stream)
    },
    report: text => printLog(display, () => writeStderr(text)),
    countRunning: () => running.size,
    stopOutput: () => {
      isMuted = true
    },
    end: () => display?.end(),
  }
}

const printLog = (display: LiveDisplay | undefined, write: () => void): void =>
  display === undefined ? write() : display.printLog(write)
