/** Compares the cost of a claim in this checkout and in another one, in alternating pairs of runs. See `--help`. */
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inTurn, median, medianRatio } from '../measure/measuring.ts'
import { removeDir } from '../workspaces/remove-dir.ts'
import { measureCommandLine, measureLibrary } from './measure.ts'

const helpText = `npm run bench:compare -- DIR [PAIRS]

  DIR     another checkout of this repository, built with node .ci/setup.mjs
  PAIRS   number of pairs per measurement (default 20)

Prints the medians of both checkouts and the median ratio of the pairs. Run it on a quiet machine.
`

const here = fileURLToPath(new URL('../../../..', import.meta.url))

const compare = async (other: string, pairs: number): Promise<void> => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-compare-'))
  try {
    const measurements = [
      ['claim + complete through the library, unsynced, processor µs', measureLibrary],
      ['claim by the command line, synced, whole process, ms', measureCommandLine],
    ] as const
    for (const [what, measure] of measurements) {
      // The first pair warms the page cache.
      await inTurn(1, { before: () => measure(other, dir), now: () => measure(here, dir) })
      const { before, now } = await inTurn(pairs, {
        before: () => measure(other, dir),
        now: () => measure(here, dir),
      })
      const ratio = medianRatio(now, before).toFixed(3)
      process.stdout.write(
        `${what}: before ${median(before).toFixed(1)}, now ${median(now).toFixed(1)}, ratio ${ratio} (${pairs} pairs)\n`,
      )
    }
  } finally {
    removeDir(dir)
  }
}

const [named, pairs = '20', ...rest] = process.argv.slice(2).filter(word => word !== '--')
if (named === undefined || named.startsWith('-') || rest.length > 0 || !/^[1-9]\d{0,3}$/.test(pairs)) {
  process.stdout.write(helpText)
  process.exitCode = named === '--help' ? 0 : 2
} else if (!existsSync(join(resolve(named), 'packages/cli/dist'))) {
  process.stderr.write(`bench: ${resolve(named)} is not a built checkout; run node .ci/setup.mjs in it\n`)
  process.exitCode = 2
} else await compare(resolve(named), Number(pairs))
