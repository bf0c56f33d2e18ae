// Runs a command repeatedly through commandHandler, and prints as JSON what that cost this process: its peak memory in
// KiB, its open files, and the resources that keep it alive. Arguments: the bundle of commandHandler, the number of
// runs, the number of parallel runs, `lines` to read its output lines or `plain`, and the command.
import { readdirSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const [bundle = '', times = '1', parallelRuns = '1', outputMode = 'plain', command = 'true', ...args] =
  process.argv.slice(2)
const { commandHandler } = await import(pathToFileURL(bundle).href)

const warnings = []
process.on('warning', warning => warnings.push(warning.name))
const totals = { lines: 0, longest: 0, outcomes: {} }
const line = text => {
  totals.lines += 1
  totals.longest = Math.max(totals.longest, text.length)
}
const options = { log: { dir: '.' }, cwd: process.cwd(), graceMs: 60_000 }
const { handle } = commandHandler({
  ...options,
  command,
  args,
  ...(outputMode === 'lines' ? { output: () => ({ line }) } : {}),
})
const taskInput = () => ({ task, claim, signal: new AbortController().signal })
const task = { id: 'docs-1', kind: 'docs', status: 'ready' }
const claim = { worker: 'docs-worker', token: 1, attempt: 1, claimedAt: '2025-01-01T12:00:00.000Z' }

const openFiles = () => readdirSync(process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd').length

// The first run loads the modules that all runs use.
const warmUp = commandHandler({ ...options, command: 'true', args: [] })
await warmUp.handle(taskInput())
warmUp.close()
const initialOpenFiles = openFiles()
let runsLeft = Number(times)
const runLoop = async () => {
  while (runsLeft-- > 0) {
    const { outcome } = await handle(taskInput())
    totals.outcomes[outcome] = (totals.outcomes[outcome] ?? 0) + 1
  }
}
await Promise.all(Array.from({ length: Number(parallelRuns) }, runLoop))
await new Promise(resolve => setImmediate(resolve))
const peakKib = () => Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1])
process.stdout.write(
  JSON.stringify({
    ...totals,
    warnings,
    openedFiles: openFiles() - initialOpenFiles,
    keptAlive: process.getActiveResourcesInfo().filter(name => name === 'Timeout' || name === 'ProcessWrap'),
    peakKib: process.platform === 'linux' ? peakKib() : 0,
  }),
)
