import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, onTestFinished } from 'vitest'
import type { PostgresLocation } from '../../../packages/event-log-postgres/src/index.ts'
import type { Cluster } from '../../../packages/event-log-postgres/testing/cluster.ts'
import { createSampleWorkspace, runSql } from '../../../packages/event-log-postgres/testing/sample-postgres-log.ts'
import { readServerLines } from '../faults/fault-run.ts'
import { claimlogPath, cleanEnvironment, temporaryDirectory } from '../../support/claimlog-process.ts'

/** A command that has ended. */
type EndedCommand = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** A queue in a database that claimlog's commands use. */
export type ServerQueue = {
  readonly location: PostgresLocation
  /** Starts a command; resolves when it has ended. */
  readonly run: (...args: ReadonlyArray<string>) => Promise<EndedCommand>
  readonly query: (text: string) => Promise<ReadonlyArray<Readonly<Record<string, unknown>>>>
  /** The ids of the tasks, in the order in which they were added. */
  readonly readTaskIds: () => Promise<ReadonlyArray<string>>
}

/** Creates a queue with one task, `first`. */
export const createServerQueue = async (cluster: Cluster): Promise<ServerQueue> => {
  const location = await createSampleWorkspace(cluster)
  const cwd = temporaryDirectory()
  const url = `postgres://postgres@127.0.0.1:${cluster.port}/postgres?workspace=${location.workspace}`
  const env = cleanEnvironment({ PGPASSWORD: cluster.password, CLAIMLOG_LOG: url, HOME: cwd })
  const run = async (...args: ReadonlyArray<string>): Promise<EndedCommand> => {
    const child = spawn(process.execPath, [claimlogPath, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, stdout, stderr }
  }
  for (const args of [['init'], ['add', 'docs', 'first']]) expect(await run(...args)).toMatchObject({ code: 0 })
  return {
    location,
    run,
    query: text => runSql(location, text),
    readTaskIds: async () =>
      (await readServerLines(location))
        .map(line => JSON.parse(line) as { readonly event: string; readonly task_id: string })
        .filter(({ event }) => event === 'added')
        .map(({ task_id: id }) => id),
  }
}

/** Connects as the superuser until the end of the test; returns undefined if the server has no connection left. */
export const connectSuperuser = async (cluster: Cluster): Promise<pg.Client | undefined> => {
  const client = new pg.Client({ connectionString: cluster.url() })
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (thrown) {
    if ((thrown as { readonly code?: string }).code === '53300') return undefined
    throw thrown
  }
  onTestFinished(() => void client.end().catch(() => undefined))
  return client
}

export const waitUntil = async (isTrue: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await isTrue())) await sleep(20)
}
