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
import { messageScreen, writeStderr } from '../../output/output.ts'
import { stderrColours } from '../../render/style.ts'
import { createRedrawnLines } from '../../output/redrawn-lines.ts'
import { formatEvent } from './format-event.ts'

/** The last lines of a terminal, redrawn in place: the running commands and a progress bar. */
export type LiveDisplay = {
  readonly event: (event: WorkerEvent) => void
  /** Calls `write`, which prints whole lines, so that they appear above the display. */
  readonly printLog: (write: () => void) => void
  readonly end: () => void
}

const { dim } = stderrColours

type RunningTask = { readonly task: TaskView; readonly startedAt: number; claim: ClaimView }

/** The interval for redrawing elapsed times while a command runs. Nothing is drawn while idle. */
const redrawIntervalMs = 1000
/** Events in quick succession share one redraw. */
const redrawDelayMs = 50
const barWidth = 30

/** Shows the progress of a worker on tasks of `kinds` (empty: any kind). */
export const createLiveDisplay = (queue: LocalQueue, kinds: ReadonlyArray<string>): LiveDisplay => {
  const running = new Map<string, RunningTask>()
  const counts = { completed: 0, failed: 0, released: 0, lost: 0 }
  let total = { left: 0, max: 0 }
  const lines = createRedrawnLines(messageScreen)
  let timer: NodeJS.Timeout | undefined
  let hasEnded = false

  const draw = (): void => {
    if (hasEnded || (running.size === 0 && total.max === 0)) return lines.erase()
    lines.draw([...renderRunning(running), renderBar(total, counts)])
  }
  const queryAndDraw = async (): Promise<void> => {
    const result = await queue.query((state, now) => workLeft(state, kinds, now))()
    if (E.isRight(result)) {
      const left = result.right.pending + result.right.blocked
      total = { left, max: Math.max(total.max, left + counts.completed + counts.failed) }
    }
    draw()
  }
  const scheduleDraw = (ms: number): void => {
    timer ??= setTimeout(() => {
      timer = undefined
      void queryAndDraw().then(() => {
        if (running.size > 0 && !hasEnded) scheduleDraw(redrawIntervalMs)
      })
    }, ms)
  }
  const drawSoon = (): void => {
    clearTimeout(timer)
    timer = undefined
    scheduleDraw(redrawDelayMs)
  }
  const onResized = (): void => {
    // At the new width the old lines may wrap, so they cannot be erased: leave them and draw below.
    lines.leave()
    drawSoon()
  }
  const stopResize = messageScreen.onResize(onResized)

  const printLog = (write: () => void): void => {
    lines.erase()
    write()
    drawSoon()
  }
  return {
    event: event => {
      applyEvent(running, counts, event)
      if (event.event === 'claimed' || event.event === 'progressed') drawSoon()
      else printLog(() => writeStderr(`${formatEvent(event)}\n`))
    },
    printLog,
    end: () => {
      hasEnded = true
      clearTimeout(timer)
      stopResize()
      lines.erase()
      writeStderr(`${dim(renderSummary(counts))}\n`)
    },
  }
}

type EndCounts = { completed: number; failed: number; released: number; lost: number }

/** Updates the running tasks and the counts of ended ones with an event. */
const applyEvent = (running: Map<string, RunningTask>, counts: EndCounts, event: WorkerEvent): void => {
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
      counts[event.event] += 1
      running.delete(event.task.id)
      return
    case 'lost':
      counts.lost += 1
      running.delete(event.taskId)
      return
    case 'delayed':
  }
}

/** One line per running command, as far as they fit on the screen with the bar and a few lines above. */
const renderRunning = (running: ReadonlyMap<string, RunningTask>): ReadonlyArray<string> => {
  const room = Math.max(1, messageScreen.rows() - 4)
  const all = [...running.values()]
  const shown = all.slice(0, room).map(renderTask)
  return all.length > room ? [...shown, dim(`  and ${all.length - room} more`)] : shown
}

const renderTask = ({ task, startedAt, claim }: RunningTask): string => {
  const elapsed = formatDuration(Math.floor(process.uptime() - startedAt) * 1000).replace(/^0 ms$/, '0.0 s')
  const attempt = claim.attempt > 1 ? `  attempt ${claim.attempt}` : ''
  const progress = claim.progress === undefined ? '' : `  ${toPrintableJson(claim.progress)}`
  return `  ${elapsed.padStart(8)}  ${toPrintable(task.id)}${attempt}${progress}`
}

const renderBar = ({ left, max }: { readonly left: number; readonly max: number }, counts: EndCounts): string => {
  const fraction = max === 0 ? 1 : (max - left) / max
  const bar = '█'.repeat(Math.round(fraction * barWidth)).padEnd(barWidth, '░')
  return `${bar}  ${left} left of ${max}${counts.failed > 0 ? `, ${pluralize(counts.failed, 'attempt')} failed` : ''}`
}

const renderSummary = ({ completed, failed, released, lost }: EndCounts): string =>
  [
    `${completed} completed`,
    ...(failed > 0 ? [`${pluralize(failed, 'attempt')} failed`] : []),
    ...(released > 0 ? [`${released} released`] : []),
    ...(lost > 0 ? [`${lost} lost`] : []),
  ].join(', ')
