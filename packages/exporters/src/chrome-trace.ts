import { type Lane, timeToMs, type Task, type Time } from '@claimlog/domain'
import { laneView } from '@claimlog/wire'
import type { HistoryExport } from './history-export.ts'
import { type TaskRun, runStartSeq, historyReader } from './history-reader.ts'
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
const workersPid = 1
const tasksPid = 2

/**
 * Exports the task runs of a history as a Chrome trace, with one event per line. The group "workers" shows each
 * attempt, on one track per worker or, if it had several claims at once, one per claim; "tasks" shows each task from
 * start to finish and its phases.
 */
export const chromeTraceExport = (): HistoryExport => {
  const history = historyReader()
  const tracks = workerTracks()
  const namedTracks = new Set<number>()

  const attemptEvents = (run: TaskRun): ReadonlyArray<TraceEvent> =>
    run.lanes.flatMap(({ lane }) => {
      const track = lane.token === undefined ? undefined : tracks.findTrack(lane.token)
      if (track === undefined) return []
      const isNew = !namedTracks.has(track.number)
      namedTracks.add(track.number)
      return [...(isNew ? [trackName(track)] : []), attemptEvent(track, lane, run)]
    })

  return {
    begin: `{"displayTimeUnit":"ms","traceEvents":[\n${joinEvents(groupNames)}`,
    apply: event => {
      const { before, after, run } = history.apply(event)
      tracks.update(before, after)
      if (run === undefined) return ''
      const events = [...attemptEvents(run), ...taskEvents(run)]
      for (const { lane } of run.lanes) if (lane.token !== undefined) tracks.forget(lane.token)
      return `,\n${joinEvents(events)}`
    },
    end: () => '\n]}\n',
    countUnfinished: history.countUnfinished,
  }
}

const joinEvents = (events: ReadonlyArray<TraceEvent>): string => events.map(event => JSON.stringify(event)).join(',\n')

const groupName = (pid: number, name: string): TraceEvent => ({
  name: 'process_name',
  ph: 'M',
  pid,
  tid: 0,
  args: { name },
})

const groupNames = [groupName(workersPid, 'workers'), groupName(tasksPid, 'tasks')]

const trackName = ({ number, worker, ordinal }: Track): TraceEvent => ({
  name: 'thread_name',
  ph: 'M',
  pid: workersPid,
  tid: number,
  args: { name: ordinal === 1 ? worker : `${worker} (${ordinal})` },
})

const toMicros = (time: Time): number => timeToMs(time) * 1000

const attemptEvent = ({ number }: Track, lane: Lane, { task }: TaskRun): TraceEvent => ({
  name: task.id,
  cat: task.kind,
  ph: 'X',
  ts: toMicros(lane.from),
  dur: lane.ms * 1000,
  pid: workersPid,
  tid: number,
  args: { ...taskArgs(task), ...laneArgs(lane) },
})

const taskEvents = ({ task, startTime, endTime, lanes }: TaskRun): ReadonlyArray<TraceEvent> => {
  const id = String(runStartSeq(task))
  const phaseEvent = (ph: 'b' | 'e', name: string, time: Time): TraceEvent => ({
    name,
    cat: 'task',
    ph,
    ts: toMicros(time),
    pid: tasksPid,
    tid: 0,
    id,
  })
  return [
    { ...phaseEvent('b', task.id, startTime), args: taskArgs(task) },
    ...lanes.flatMap(({ lane }) => [
      { ...phaseEvent('b', lane.lane, lane.from), args: laneArgs(lane) },
      phaseEvent('e', lane.lane, lane.until ?? endTime),
    ]),
    phaseEvent('e', task.id, endTime),
  ]
}

const taskArgs = ({ id, kind, spec, status }: Task): object => ({ task_id: id, kind, status, title: spec.title })

/** The fields of the lane in `trace --json`, without its times. */
const laneArgs = (lane: Lane): object => {
  const { lane: _lane, from: _from, until: _until, ms: _ms, ...args } = laneView(lane)
  return args
}
