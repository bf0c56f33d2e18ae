import type { ClaimView, TaskView } from '@claimlog/wire'
import {
  pluralize,
  formatDuration,
  type LocalQueue,
  toPrintable,
  toPrintableJson,
  type WorkerEvent,
  workLeft,
} from '@claimlog/client/unstable-internals'
import * as E from 'fp-ts/lib/Either.js'
import { messageScreen, tell } from '../../output/output.ts'
import { messageColours } from '../../render/style.ts'
import { redrawnLines } from '../../output/redrawn-lines.ts'
import { eventWords } from './event-words.ts'

/** The last lines of a terminal, redrawn in place: the running commands and a progress bar. */
export type LiveDisplay = {
  readonly event: (event: WorkerEvent) => void
  /** Calls `write`, which prints whole lines, so that they appear above the display. */
  readonly above: (write: () => void) => void
  readonly end: () => void
}

const { dim } = messageColours

type Running = { readonly task: TaskView; readonly startedAt: number; claim: ClaimView }

/** The interval for redrawing elapsed times while a command runs. Nothing is drawn while idle. */
const everyMs = 1000
/** Events in quick succession share one redraw. */
const soonMs = 50
const barWidth = 30

/** Shows the progress of a worker on tasks of `kinds` (empty: any kind). */
export const liveDisplay = (queue: LocalQueue, kinds: ReadonlyArray<string>): LiveDisplay => {
  const running = new Map<string, Running>()
  const ends = { completed: 0, failed: 0, released: 0, lost: 0 }
  let whole = { left: 0, most: 0 }
  const lines = redrawnLines(messageScreen)
  let timer: NodeJS.Timeout | undefined
  let isOver = false

  const draw = (): void => {
    if (isOver || (running.size === 0 && whole.most === 0)) return lines.erase()
    lines.draw([...shownOf(running), barLine(whole, ends)])
  }
  const look = async (): Promise<void> => {
    const seen = await queue.query((state, now) => workLeft(state, kinds, now))()
    if (E.isRight(seen)) {
      const left = seen.right.pending + seen.right.blocked
      whole = { left, most: Math.max(whole.most, left + ends.completed + ends.failed) }
    }
    draw()
  }
  const drawIn = (ms: number): void => {
    timer ??= setTimeout(() => {
      timer = undefined
      void look().then(() => {
        if (running.size > 0 && !isOver) drawIn(everyMs)
      })
    }, ms)
  }
  const soon = (): void => {
    clearTimeout(timer)
    timer = undefined
    drawIn(soonMs)
  }
  const resized = (): void => {
    // At the new width the old lines may wrap, so they cannot be erased: leave them and draw below.
    lines.leave()
    soon()
  }
  const endResize = messageScreen.onResize(resized)

  const above = (write: () => void): void => {
    lines.erase()
    write()
    soon()
  }
  return {
    event: event => {
      follow(running, ends, event)
      if (event.event === 'claimed' || event.event === 'progressed') soon()
      else above(() => tell(`${eventWords(event)}\n`))
    },
    above,
    end: () => {
      isOver = true
      clearTimeout(timer)
      endResize()
      lines.erase()
      tell(`${dim(endLine(ends))}\n`)
    },
  }
}

type Ends = { completed: number; failed: number; released: number; lost: number }

/** Updates the running tasks and the counts of ended ones with an event. */
const follow = (running: Map<string, Running>, ends: Ends, event: WorkerEvent): void => {
  switch (event.event) {
    case 'claimed':
      running.set(event.task.id, { task: event.task, startedAt: process.uptime(), claim: event.claim })
      return
    case 'progressed': {
      const each = running.get(event.taskId)
      if (each !== undefined) each.claim = event.claim
      return
    }
    case 'completed':
    case 'failed':
    case 'released':
      ends[event.event] += 1
      running.delete(event.task.id)
      return
    case 'lost':
      ends.lost += 1
      running.delete(event.taskId)
      return
    case 'delayed':
  }
}

/** One line per running command, as far as they fit on the screen with the bar and a few lines above. */
const shownOf = (running: ReadonlyMap<string, Running>): ReadonlyArray<string> => {
  const room = Math.max(1, messageScreen.rows() - 4)
  const all = [...running.values()]
  const shown = all.slice(0, room).map(runningLine)
  return all.length > room ? [...shown, dim(`  and ${all.length - room} more`)] : shown
}

const runningLine = ({ task, startedAt, claim }: Running): string => {
  const elapsed = formatDuration(Math.floor(process.uptime() - startedAt) * 1000).replace(/^0 ms$/, '0.0 s')
  const attempt = claim.attempt > 1 ? `  attempt ${claim.attempt}` : ''
  const progress = claim.progress === undefined ? '' : `  ${toPrintableJson(claim.progress)}`
  return `  ${elapsed.padStart(8)}  ${toPrintable(task.id)}${attempt}${progress}`
}

const barLine = ({ left, most }: { readonly left: number; readonly most: number }, ends: Ends): string => {
  const part = most === 0 ? 1 : (most - left) / most
  const bar = '█'.repeat(Math.round(part * barWidth)).padEnd(barWidth, '░')
  return `${bar}  ${left} left of ${most}${ends.failed > 0 ? `, ${pluralize(ends.failed, 'attempt')} failed` : ''}`
}

const endLine = ({ completed, failed, released, lost }: Ends): string =>
  [
    `${completed} completed`,
    ...(failed > 0 ? [`${pluralize(failed, 'attempt')} failed`] : []),
    ...(released > 0 ? [`${released} released`] : []),
    ...(lost > 0 ? [`${lost} lost`] : []),
  ].join(', ')
