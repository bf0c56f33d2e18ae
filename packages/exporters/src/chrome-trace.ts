import { type Lane, timeToMs, type Task, type Time } from '@claimlog/domain'
import { laneView } from '@claimlog/wire'
import type { HistoryExport } from './history-export.ts'
import { type Life, lifeOf, walk } from './walk.ts'
import { type Track, workerTracks } from './worker-tracks.ts'

/** One event of a trace: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU. */
type TraceEvent = {
  readonly name: string
  readonly cat?: string
  readonly ph: 'M' | 'X' | 'b' | 'e'
  /** Microseconds. */
  readonly ts?: number
  readonly dur?: number
  readonly pid: number
  readonly tid: number
  readonly id?: string
  readonly args?: object
}

/** The two groups of tracks, as process ids of the trace. */
const workers = 1
const tasks = 2

/**
 * Exports the task runs of a history as a Chrome trace, with one event per line. The group "workers" shows each
 * attempt, on one track per worker or, if it had several claims at once, one per claim; "tasks" shows each task from
 * start to finish and its phases.
 */
export const chromeTrace = (): HistoryExport => {
  const history = walk()
  const tracks = workerTracks()
  const named = new Set<number>()

  const attemptsOf = (life: Life): ReadonlyArray<TraceEvent> =>
    life.lanes.flatMap(({ lane }) => {
      const track = lane.token === undefined ? undefined : tracks.trackOf(lane.token)
      if (track === undefined) return []
      const isNew = !named.has(track.number)
      named.add(track.number)
      return [...(isNew ? [trackName(track)] : []), attemptOn(track, lane, life)]
    })

  return {
    begin: `{"displayTimeUnit":"ms","traceEvents":[\n${textOf(groupNames)}`,
    take: event => {
      const { before, after, life } = history.take(event)
      tracks.take(before, after)
      if (life === undefined) return ''
      const events = [...attemptsOf(life), ...taskLine(life)]
      for (const { lane } of life.lanes) if (lane.token !== undefined) tracks.forget(lane.token)
      return `,\n${textOf(events)}`
    },
    end: () => '\n]}\n',
    leftOut: history.unfinished,
  }
}

const textOf = (events: ReadonlyArray<TraceEvent>): string => events.map(event => JSON.stringify(event)).join(',\n')

const groupName = (pid: number, name: string): TraceEvent => ({
  name: 'process_name',
  ph: 'M',
  pid,
  tid: 0,
  args: { name },
})

const groupNames = [groupName(workers, 'workers'), groupName(tasks, 'tasks')]

const trackName = ({ number, worker, lane }: Track): TraceEvent => ({
  name: 'thread_name',
  ph: 'M',
  pid: workers,
  tid: number,
  args: { name: lane === 1 ? worker : `${worker} (${lane})` },
})

const microsOf = (time: Time): number => timeToMs(time) * 1000

const attemptOn = ({ number }: Track, lane: Lane, { task }: Life): TraceEvent => ({
  name: task.id,
  cat: task.kind,
  ph: 'X',
  ts: microsOf(lane.from),
  dur: lane.ms * 1000,
  pid: workers,
  tid: number,
  args: { ...toldOf(task), ...toldOfLane(lane) },
})

const taskLine = ({ task, from, until, lanes }: Life): ReadonlyArray<TraceEvent> => {
  const id = String(lifeOf(task))
  const on = (ph: 'b' | 'e', name: string, time: Time): TraceEvent => ({
    name,
    cat: 'task',
    ph,
    ts: microsOf(time),
    pid: tasks,
    tid: 0,
    id,
  })
  return [
    { ...on('b', task.id, from), args: toldOf(task) },
    ...lanes.flatMap(({ lane }) => [
      { ...on('b', lane.lane, lane.from), args: toldOfLane(lane) },
      on('e', lane.lane, lane.until ?? until),
    ]),
    on('e', task.id, until),
  ]
}

const toldOf = ({ id, kind, spec, status }: Task): object => ({ task_id: id, kind, status, title: spec.title })

/** The fields of the lane in `trace --json`, without its times. */
const toldOfLane = (lane: Lane): object => {
  const { lane: _lane, from: _from, until: _until, ms: _ms, ...told } = laneView(lane)
  return told
}
