// npm run simulate -- [--histories N] [--first SEED]   runs N histories on all cores; --seed SEED prints one in full
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '1000000' },
    first: { type: 'string', default: '1' },
    seed: { type: 'string' },
  },
})

/** The simulated machine implements the locks itself. */
const noNativeLocks = {
  name: 'no-native-locks',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^fs-ext$/ }, () => ({ path: 'none', namespace: 'no-native-locks' }))
    onLoad({ filter: /.*/, namespace: 'no-native-locks' }, () => ({ contents: 'export const flockSync = undefined' }))
  },
}

const dir = mkdtempSync(join(tmpdir(), 'claimlog-simulator-'))
const bundle = join(dir, 'simulator.mjs')
process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
process.on('SIGINT', () => process.exit(130))

await build({
  entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  conditions: ['claimlog-source'],
  mainFields: ['module', 'main'],
  plugins: [noNativeLocks],
  logLevel: 'warning',
})

const startSimulator = (words, stdout) =>
  spawn(process.execPath, [bundle, ...words.map(String)], { stdio: ['ignore', stdout, 'inherit'] })

if (values.seed !== undefined) {
  const [code] = await once(startSimulator([values.seed, 'trace'], 'inherit'), 'close')
  process.exitCode = code ?? 1
} else await runAll(Number(values.first), Number(values.histories))

/** Each of n cores takes every n-th seed. */
async function runAll(first, histories) {
  const cores = availableParallelism()
  const startedAt = Date.now()
  const done = Array(cores).fill({ done: 0, answers: 0, powerCuts: 0, repairs: 0 })
  let failed = 0
  const sum = field => done.reduce((whole, each) => whole + each[field], 0)
  const progress = end => {
    const seconds = Math.round((Date.now() - startedAt) / 1000)
    const summary = `${sum('done')} of ${histories} histories, ${sum('answers')} answers, ${sum('powerCuts')} power cuts, ${sum('repairs')} repairs, ${failed} failed, ${seconds} s`
    if (process.stderr.isTTY || end === '\n')
      process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${summary}${end}`)
  }
  const codes = await Promise.all(
    done.map(async (_, core) => {
      const ownHistories = Math.floor((histories - core + cores - 1) / cores)
      const child = startSimulator([first + core, ownHistories, cores], 'pipe')
      const closed = once(child, 'close')
      for await (const line of createInterface({ input: child.stdout })) {
        const { seed, problems, ...sums } = JSON.parse(line)
        done[core] = sums
        if (problems.length > 0) {
          failed += 1
          process.stdout.write(
            `seed ${seed}: npm run simulate -- --seed ${seed}\n  ${problems.slice(0, 3).join('\n  ')}\n`,
          )
        }
        progress('')
      }
      const [code] = await closed
      return code
    }),
  )
  progress('\n')
  const hasCrashed = codes.some(code => code !== 0)
  process.exitCode = failed > 0 || hasCrashed ? 1 : 0
}
