import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { renderReport } from './soak-report.ts'
import { runSoak } from './soak.ts'

/** Runs the soak test with the arguments `words` in the repository `root`, prints a report, returns the exit code. */
export const main = async (root: string, words: ReadonlyArray<string>): Promise<number> => {
  const { values } = parseArgs({
    args: [...words],
    options: { seconds: { type: 'string' }, seed: { type: 'string' }, json: { type: 'boolean' } },
  })
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
  const scratch = mkdtempSync(join(tmpdir(), 'claimlog-soak-'))
  const printProgress = (text: string): unknown => process.stderr.write(`${text}\n`)
  printProgress(`npm run soak -- --seed ${seed}   (in ${scratch})`)
  const report = await runSoak({
    root,
    scratch,
    seed,
    seconds: Number(values.seconds ?? 600),
    onProgress: printProgress,
  })
  process.stdout.write(values.json === true ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report))
  if (report.problems.length === 0) rmSync(scratch, { recursive: true, force: true, maxRetries: 10 })
  else printProgress(`the files of the test are in ${scratch}`)
  return report.problems.length === 0 ? 0 : 1
}
