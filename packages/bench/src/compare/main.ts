/** Compares the cost of a claim in this checkout and in another one, in alternating pairs of runs. See `--help`. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { alternate, median, medianRatio } from '../measure/measurement.ts'
import { removeDir } from '../workspaces/remove-dir.ts'
import { findProgram } from './checkout.ts'
import { measureCommandLine, measureLibrary } from './measure.ts'

const helpText = `npm run bench:compare -- DIR [PAIRS]

  DIR     another checkout of this repository, built with node .ci/setup.mjs
  PAIRS   number of pairs per measurement (default 20)

Prints the medians of both checkouts and the median ratio of the pairs. Run it on a quiet machine.
`

const thisCheckout = fileURLToPath(new URL('../../../..', import.meta.url))

const compare = async (otherCheckout: string, pairs: number): Promise<void> => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-compare-'))
  try {
    const measurements = [
      ['claim + complete through the library, unsynced, processor µs', measureLibrary],
      ['claim by the command line, synced, whole process, ms', measureCommandLine],
    ] as const
    for (const [title, measure] of measurements) {
      // The first pair warms the page cache.
      await alternate(1, { before: () => measure(otherCheckout, dir), now: () => measure(thisCheckout, dir) })
      const { before, now } = await alternate(pairs, {
        before: () => measure(otherCheckout, dir),
        now: () => measure(thisCheckout, dir),
      })
      const ratio = medianRatio(now, before).toFixed(3)
      process.stdout.write(
        `${title}: before ${median(before).toFixed(1)}, now ${median(now).toFixed(1)}, ratio ${ratio} (${pairs} pairs)\n`,
      )
    }
  } finally {
    removeDir(dir)
  }
}

const [otherDir, pairs = '20', ...rest] = process.argv.slice(2).filter(word => word !== '--')
if (otherDir === undefined || otherDir.startsWith('-') || rest.length > 0 || !/^[1-9]\d{0,3}$/.test(pairs)) {
  process.stdout.write(helpText)
  process.exitCode = otherDir === '--help' ? 0 : 2
} else if (findProgram(resolve(otherDir), 'library') === undefined) {
  process.stderr.write(`bench: ${resolve(otherDir)} is not a built checkout; run node .ci/setup.mjs in it\n`)
  process.exitCode = 2
} else await compare(resolve(otherDir), Number(pairs))
