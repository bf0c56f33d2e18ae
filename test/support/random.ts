import type { seededRandom } from '../programs/seeded-random.mjs'

/** Choices that come again with the same seed. */
export type Random = ReturnType<typeof seededRandom>
