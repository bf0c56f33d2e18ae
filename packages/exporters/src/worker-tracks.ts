import type { Task } from '@claimlog/domain'

/** A line of a timeline: a worker, and how-manieth of its own that is. */
export type Track = { readonly number: number; readonly worker: string; readonly lane: number }

/** Which track each claim is shown on: what stands on one never overlaps. */
export type WorkerTracks = {
  /** Takes note of what an event made of a task. */
  readonly take: (before: Task | undefined, after: Task | undefined) => void
  /** The track of the claim with this token. */
  readonly trackOf: (token: number) => Track | undefined
  /** Nobody will ask for the track of this one any more. */
  readonly forget: (token: number) => void
}

/**
 * A worker may hold several tasks at once, and each of them then needs a track of its own: the first that is free, so
 * that a worker has as many as it ever held tasks.
 */
export const workerTracks = (): WorkerTracks => {
  const ofWorker = new Map<string, Array<{ readonly track: Track; token: number | undefined }>>()
  const ofToken = new Map<number, Track>()
  let count = 0

  const take = (worker: string, token: number): void => {
    const lanes = ofWorker.get(worker) ?? []
    ofWorker.set(worker, lanes)
    let free = lanes.find(lane => lane.token === undefined)
    if (free === undefined) {
      free = { track: { number: (count += 1), worker, lane: lanes.length + 1 }, token: undefined }
      lanes.push(free)
    }
    free.token = token
    ofToken.set(token, free.track)
  }
  const letGo = (worker: string, token: number): void => {
    const held = ofWorker.get(worker)?.find(lane => lane.token === token)
    if (held !== undefined) held.token = undefined
  }

  return {
    take: (before, after) => {
      const [was, is] = [before?.claim, after?.claim]
      if (was?.token === is?.token) return
      if (was !== undefined) letGo(was.worker, was.token)
      if (is !== undefined) take(is.worker, is.token)
    },
    trackOf: token => ofToken.get(token),
    forget: token => void ofToken.delete(token),
  }
}
