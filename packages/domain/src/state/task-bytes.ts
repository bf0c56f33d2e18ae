import type { Json } from '@claimlog/codecs'
import type { Task } from './task.ts'

/** What a record takes that says nothing but what every task says. */
const plainBytes = 400

/** About how many bytes a record takes in memory: payloads, results and texts make the difference. */
export const bytesOfTask = ({ spec, settled, claim }: Task): number =>
  plainBytes +
  bytesOfJson(spec.payload) +
  bytesOfJson(settled?.result) +
  bytesOfJson(claim?.progress) +
  (spec.title?.length ?? 0) +
  (settled?.error?.length ?? 0) +
  32 * ((spec.needs?.length ?? 0) + (spec.tags?.length ?? 0))

const bytesOfJson = (json: Json | undefined): number => {
  if (typeof json === 'string') return json.length
  if (typeof json !== 'object' || json === null) return 0
  let bytes = 0
  for (const each of Object.values(json) as ReadonlyArray<Json>) bytes += 24 + bytesOfJson(each)
  return bytes
}
