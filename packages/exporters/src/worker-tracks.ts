import type { Task } from '@claimlog/domain'

/** A track of a timeline; `lane`: its number among the tracks of its worker, from 1. */
export type Track = { readonly number: number; readonly worker: string; readonly lane: number }

/** Assigns claims to tracks so that the claims of a track never overlap. */
export type WorkerTracks = {
  /** Records how an event changed a task. */
  readonly take: (before: Task | undefined, after: Task | undefined) => void
  /** The track of the claim with this token. */
  readonly trackOf: (token: number) => Track | undefined
  /** Drops the claim: its track will not be queried again. */
  readonly forget: (token: number) => void
}

/**
 * Creates tracks without claims. A worker may have several claims at once. Each gets the first free track of the
 * worker, so a worker has as many tracks as its maximum number of concurrent claims.
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
