import type { Task } from '@claimlog/domain'

/** A track of a timeline; `lane`: its number among the tracks of its worker, from 1. */
export type Track = { readonly number: number; readonly worker: string; readonly lane: number }

/** Assigns claims to tracks so that the claims of a track never overlap. */
export type WorkerTracks = {
  /** Records how an event changed a task. */
  readonly update: (before: Task | undefined, after: Task | undefined) => void
  /** The track of the claim with this token. */
  readonly findTrack: (token: number) => Track | undefined
  /** Drops the claim: its track will not be queried again. */
  readonly forget: (token: number) => void
}

/**
 * Creates tracks without claims. A worker may have several claims at once. Each gets the first free track of the
 * worker, so a worker has as many tracks as its maximum number of concurrent claims.
 */
export const workerTracks = (): WorkerTracks => {
  const lanesByWorker = new Map<string, Array<{ readonly track: Track; token: number | undefined }>>()
  const tracksByToken = new Map<number, Track>()
  let count = 0

  const assignTrack = (worker: string, token: number): void => {
    const lanes = lanesByWorker.get(worker) ?? []
    lanesByWorker.set(worker, lanes)
    let free = lanes.find(lane => lane.token === undefined)
    if (free === undefined) {
      free = { track: { number: (count += 1), worker, lane: lanes.length + 1 }, token: undefined }
      lanes.push(free)
    }
    free.token = token
    tracksByToken.set(token, free.track)
  }
  const releaseTrack = (worker: string, token: number): void => {
    const occupied = lanesByWorker.get(worker)?.find(lane => lane.token === token)
    if (occupied !== undefined) occupied.token = undefined
  }

  return {
    update: (before, after) => {
      const [oldClaim, newClaim] = [before?.claim, after?.claim]
      if (oldClaim?.token === newClaim?.token) return
      if (oldClaim !== undefined) releaseTrack(oldClaim.worker, oldClaim.token)
      if (newClaim !== undefined) assignTrack(newClaim.worker, newClaim.token)
    },
    findTrack: token => tracksByToken.get(token),
    forget: token => void tracksByToken.delete(token),
  }
}
