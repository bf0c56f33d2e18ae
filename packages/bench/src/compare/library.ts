/** Compares the cost of a claim through the published library with one on the workspace beneath it. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { init } from 'claimlog'
import { openLocalQueue } from '@claimlog/client/unstable-internals'
import { alternate, median, medianRatio } from '../measure/measurement.ts'
import { benchKind, unwrapRight } from '../workspaces/bench-queue.ts'
import { removeDir } from '../workspaces/remove-dir.ts'

const rounds = 21
const cyclesPerRound = 500
const worker = 'ann'

type RoundBody = () => Promise<void>

/** The processor time per command, in microseconds; a cycle has two. */
const measureCommandMicros = async (round: RoundBody): Promise<number> => {
  const startCpu = process.cpuUsage()
  await round()
  const { user, system } = process.cpuUsage(startCpu)
  return (user + system) / (2 * cyclesPerRound)
}

const tasks = Array.from({ length: (rounds + 1) * cyclesPerRound }, () => ({ kind: benchKind }))

const openLibrary = async (dir: string): Promise<RoundBody> => {
  const queue = await init({ dir, durability: 'os' })
  await queue.addMany(tasks)
  return async () => {
    for (let n = 0; n < cyclesPerRound; n += 1) {
      const { task } = await queue.claim({ worker, kinds: [benchKind] })
      await queue.complete({ worker, taskId: task.id })
    }
  }
}

const openInner = async (dir: string): Promise<RoundBody> => {
  await (await init({ dir, durability: 'os' })).close()
  const notify = (): void => undefined
  const { queue, workspace } = unwrapRight(
    await openLocalQueue({ place: { _tag: 'directory', dir }, durability: 'os', mode: 'coalesced', notify })(),
  )
  unwrapRight(await queue.addMany(tasks)())
  return async () => {
    for (let n = 0; n < cyclesPerRound; n += 1) {
      const claimed = unwrapRight(await workspace.run({ command: 'claim', worker, kinds: [benchKind] })())
      const taskId = claimed.tasks[0]?.task.id ?? ''
      unwrapRight(await workspace.run({ command: 'complete', worker, taskId })())
    }
  }
}

const dir = mkdtempSync(join(tmpdir(), 'claimlog-library-'))
try {
  const library = await openLibrary(join(dir, 'library'))
  const inner = await openInner(join(dir, 'inner'))
  const measurements = { library: () => measureCommandMicros(library), inner: () => measureCommandMicros(inner) }
  // The first round is the warm-up of both.
  await alternate(1, measurements)
  const micros = await alternate(rounds, measurements)
  const [libraryMicros, innerMicros] = [median(micros.library).toFixed(1), median(micros.inner).toFixed(1)]
  const ratio = medianRatio(micros.library, micros.inner).toFixed(3)
  process.stdout.write(
    `a command through the library, unsynced: ${libraryMicros} µs of processor time, on the workspace beneath it ${innerMicros}, ratio ${ratio} (${rounds} pairs)\n`,
  )
} finally {
  removeDir(dir)
}
process.exit()
