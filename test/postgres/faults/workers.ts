import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import type { WorkerSettings } from './journal.ts'

/** A worker process. Each has a role of the server of its own, which shows which session is whose. */
export type FaultWorker = {
  readonly role: string
  readonly kill: (signal: NodeJS.Signals) => void
  /** Resolves to the problem with its end, in words; undefined if it was killed, or ended when it was asked to. */
  readonly ended: Promise<string | undefined>
  readonly hasEnded: () => boolean
}

const bundleFolder = (root: string): string =>
  join(root, 'test/node_modules/.cache', `claimlog-fault-worker-${process.pid}`)

export const removeWorkerBundle = (root: string): void => rmSync(bundleFolder(root), { recursive: true, force: true })

/** Bundles the worker program. `root`: the repository. */
export const bundleWorker = (root: string): string => {
  const dir = bundleFolder(root)
  mkdirSync(dir, { recursive: true })
  const outfile = join(dir, 'worker.mjs')
  buildSync({
    entryPoints: [join(root, 'test/postgres/faults/worker.ts')],
    ...{ outfile, bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning' },
    conditions: ['claimlog-source'],
    external: ['pg'],
    loader: { '.node': 'empty' },
  })
  return outfile
}

export const startWorker = (program: string, settings: WorkerSettings): FaultWorker => {
  const child: ChildProcess = spawn(process.execPath, [program, JSON.stringify(settings)], {
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const ended = once(child, 'close').then(([code, signal]: ReadonlyArray<unknown>) =>
    code === 0 || signal === 'SIGKILL'
      ? undefined
      : `${settings.worker} ended with ${String(code ?? signal)}: ${errors}`,
  )
  return {
    role: settings.location.user,
    kill: signal => void child.kill(signal),
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
  }
}
