import { seededRandom } from '../programs/seeded-random.mjs'

/** Random choices that come again with the same seed. */
export type Dice = {
  /** A whole number from `from` to `to`, both included. */
  readonly between: (from: number, to: number) => number
  /** Whether something happens that happens `percent` times in a hundred. */
  readonly chance: (percent: number) => boolean
  /** One of several; there must be one. */
  readonly pick: <A>(choices: ReadonlyArray<A>) => A
}

/** The dice of one run. */
const diceOf = (seed: number): Dice => {
  const { between, chance } = seededRandom(seed)
  return { between, chance, pick: choices => choices[between(0, choices.length - 1)] as (typeof choices)[number] }
}

/** What every run of the tests begins with, so that two runs of one version do the same. */
const usualSeed = 20_250_101

const numberIn = (name: string, usual: number): number => {
  const text = process.env[name] ?? ''
  if (text === '') return usual
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw new Error(`${name} must be a whole number, not ${text}`)
  return number
}

/** For a test that fuzzes: time enough on a machine that is busy with others, and as much as more runs may take. */
export const fuzzTimeoutMs = process.env.CLAIMLOG_FUZZ_RUNS === undefined ? 600_000 : 86_400_000

/**
 * Runs `body` so many times, each time with dice of its own: those of run n are of the seed `CLAIMLOG_FUZZ_SEED` + n.
 * `CLAIMLOG_FUZZ_RUNS` says how many runs instead. A failure names its seed, and how to see it again alone.
 *
 * ```sh
 * CLAIMLOG_FUZZ_SEED=$RANDOM CLAIMLOG_FUZZ_RUNS=100000 npx vitest run test/fuzz/log-reader.test.ts
 * ```
 */
export const fuzz = async (usualRuns: number, body: (dice: Dice) => void | Promise<void>): Promise<void> => {
  const first = numberIn('CLAIMLOG_FUZZ_SEED', usualSeed)
  const runs = numberIn('CLAIMLOG_FUZZ_RUNS', usualRuns)
  for (let seed = first; seed < first + runs; seed += 1) {
    try {
      await body(diceOf(seed))
    } catch (thrown) {
      const said = thrown instanceof Error ? thrown.message : String(thrown)
      const again = `CLAIMLOG_FUZZ_SEED=${seed} CLAIMLOG_FUZZ_RUNS=1 npx vitest run, with this file and test`
      throw new Error(`seed ${seed} (again: ${again}): ${said}`, { cause: thrown })
    }
  }
}
