import type { seededRandom } from '../programs/seeded-random.mjs'

/** Random choices that can be repeated with the same seed. */
export type Random = ReturnType<typeof seededRandom>
