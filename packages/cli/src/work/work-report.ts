import type { HeldTask, WorkerEvent, Workspace } from '@claimlog/coordinator/workspace'
import { print, printable, tell, untilTold } from '../output.ts'
import { dim } from '../render/style.ts'
import { isTerminal } from '../terminal.ts'
import { eventLine, eventWords } from './event-words.ts'
import { type LiveDisplay, liveDisplay } from './live-display.ts'

/** How a worker is shown to whoever runs it. */
export type WorkReport = {
  readonly event: (event: WorkerEvent) => void
  /** A line that a command has printed; resolves when there is room for more. */
  readonly line: (held: HeldTask, stream: 'stdout' | 'stderr', line: string) => Promise<void> | void
  /** A message to the person. */
  readonly say: (text: string) => void
  /** How many commands run. */
  readonly running: () => number
  readonly end: () => void
}

export type ReportOptions = {
  readonly workspace: Workspace
  readonly kinds: ReadonlyArray<string>
  readonly asJson: boolean
}

/**
 * Shows a worker: on a terminal a line for each running command under what has happened so far, and a bar for the whole;
 * in a pipe a line for each event, of JSON where that is asked for. What commands print goes to stderr, each line under the
 * name of its task.
 */
export const workReport = ({ workspace, kinds, asJson }: ReportOptions): WorkReport => {
  const display = isTerminal() && !asJson ? liveDisplay(workspace, kinds) : undefined
  const running = new Set<string>()
  return {
    event: event => {
      if (event.event === 'claimed') running.add(event.task.id)
      else if ('tookMs' in event) running.delete('task' in event ? event.task.id : event.taskId)
      const time = new Date().toISOString()
      if (display !== undefined) display.event(event)
      else print(asJson ? eventLine(event, time) : `${dim(time)}  ${eventWords(event)}\n`)
    },
    line: ({ task }, _stream, line) => {
      above(display, () => tell(`${dim(`${printable(task.id)} |`)} ${printable(line)}\n`))
      return untilTold()
    },
    say: text => above(display, () => tell(text)),
    running: () => running.size,
    end: () => display?.end(),
  }
}

const above = (display: LiveDisplay | undefined, write: () => void): void =>
  display === undefined ? write() : display.above(write)
