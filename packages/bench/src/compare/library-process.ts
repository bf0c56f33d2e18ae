/** Claims and completes tasks through the library of a given checkout, and prints the processor time per cycle. */
import { pathToFileURL } from 'node:url'
import { programPath } from './checkout.ts'

type QueueApi = {
  readonly addMany: (tasks: ReadonlyArray<{ readonly kind: string }>) => Promise<unknown>
  readonly claim: (options: { readonly worker: string; readonly kinds: ReadonlyArray<string> }) => Promise<{
    readonly task: { readonly id: string }
  }>
  readonly complete: (options: { readonly worker: string; readonly taskId: string }) => Promise<unknown>
  readonly close: () => Promise<void>
}
type LibraryModule = {
  readonly init: (options: { readonly dir: string; readonly durability: 'os' }) => Promise<QueueApi>
}

const warmUpCycles = 8000
const measuredCycles = 16_000

const [, , checkout = '', dir = ''] = process.argv
const { init } = (await import(pathToFileURL(programPath(checkout, 'library')).href)) as LibraryModule

const queue = await init({ dir, durability: 'os' })
await queue.addMany(Array.from({ length: warmUpCycles + measuredCycles }, () => ({ kind: 'docs' })))

const cycle = async (): Promise<void> => {
  const { task } = await queue.claim({ worker: 'ann', kinds: ['docs'] })
  await queue.complete({ worker: 'ann', taskId: task.id })
}

for (let n = 0; n < warmUpCycles; n += 1) await cycle()
const startCpu = process.cpuUsage()
for (let n = 0; n < measuredCycles; n += 1) await cycle()
const { user, system } = process.cpuUsage(startCpu)
process.stdout.write(String((user + system) / measuredCycles))
process.exit()
