/** A time in which the server could not be reached, or did not answer, or a worker stood still. */
export type Outage = { readonly startMs: number; readonly endMs: number }

/**
 * The shortest time between two outages in which every call in flight gets through: a third of the lock timeout for a
 * connection that swallows what is sent, then a pause of half a second.
 */
export const recoveryMs = 4000

/** Outages that follow each other so fast that a call cannot get through in between are one. */
export const mergeOutages = (outages: ReadonlyArray<Outage>): ReadonlyArray<Outage> => {
  const merged: Array<Outage> = []
  for (const outage of outages.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = merged.at(-1)
    if (last === undefined || outage.startMs - last.endMs >= recoveryMs) merged.push(outage)
    else merged.splice(-1, 1, { startMs: last.startMs, endMs: Math.max(last.endMs, outage.endMs) })
  }
  return merged
}
