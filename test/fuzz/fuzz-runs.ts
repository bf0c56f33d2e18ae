import { seededRandom } from '../programs/seeded-random.mjs'

/** Random choices, reproducible by their seed. */
export type Dice = {
  /** A whole number from `from` to `to`, both included. */
  readonly between: (from: number, to: number) => number
  /** True with a probability of `percent`. */
  readonly chance: (percent: number) => boolean
  /** One of `choices`, which must not be empty. */
  readonly pick: <A>(choices: ReadonlyArray<A>) => A
}

const createDice = (seed: number): Dice => {
  const { between, chance } = seededRandom(seed)
  return { between, chance, pick: choices => choices[between(0, choices.length - 1)] as (typeof choices)[number] }
}

/** The default seed, fixed so that two runs of one version do the same. */
const defaultSeed = 20_250_101

const readNumber = (name: string, fallback: number): number => {
  const text = process.env[name] ?? ''
  if (text === '') return fallback
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw new Error(`${name} must be a whole number, not ${text}`)
  return number
}

/** The timeout of a fuzz test: enough for a busy machine, and longer if the number of runs is set. */
export const fuzzTimeoutMs = process.env.CLAIMLOG_FUZZ_RUNS === undefined ? 600_000 : 86_400_000

/**
 * Runs `body` `defaultRuns` times, or `CLAIMLOG_FUZZ_RUNS` times. The dice of run n have the seed
 * `CLAIMLOG_FUZZ_SEED` + n. A failure shows its seed and the command that repeats it alone.
 *
 * ```sh
 * CLAIMLOG_FUZZ_SEED=$RANDOM CLAIMLOG_FUZZ_RUNS=100000 npx vitest run test/fuzz/log-reader.test.ts
 * ```
 */
export const fuzz = async (defaultRuns: number, body: (dice: Dice) => void | Promise<void>): Promise<void> => {
  const first = readNumber('CLAIMLOG_FUZZ_SEED', defaultSeed)
  const runs = readNumber('CLAIMLOG_FUZZ_RUNS', defaultRuns)
  for (let seed = first; seed < first + runs; seed += 1) {
    try {
      await body(createDice(seed))
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown)
      const repeatCommand = `CLAIMLOG_FUZZ_SEED=${seed} CLAIMLOG_FUZZ_RUNS=1 npx vitest run, with this file and test`
      throw new Error(`seed ${seed} (again: ${repeatCommand}): ${message}`, { cause: thrown })
    }
  }
}
