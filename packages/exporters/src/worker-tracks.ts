import type { Task } from '@claimlog/domain'

/** A track of a timeline; `ordinal`: its number among the tracks of its worker, from 1. */
export type Track = { readonly number: number; readonly worker: string; readonly ordinal: number }

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
  const slotsByWorker = new Map<string, Array<{ readonly track: Track; token: number | undefined }>>()
  const tracksByToken = new Map<number, Track>()
  let count = 0

  const assignTrack = (worker: string, token: number): void => {
    const slots = slotsByWorker.get(worker) ?? []
    slotsByWorker.set(worker, slots)
    let free = slots.find(slot => slot.token === undefined)
    if (free === undefined) {
      free = { track: { number: (count += 1), worker, ordinal: slots.length + 1 }, token: undefined }
      slots.push(free)
    }
    free.token = token
    tracksByToken.set(token, free.track)
  }
  const releaseTrack = (worker: string, token: number): void => {
    const occupied = slotsByWorker.get(worker)?.find(slot => slot.token === token)
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
