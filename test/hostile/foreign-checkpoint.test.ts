import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Cluster } from '../../packages/event-log-postgres/testing/cluster.ts'
import { describeEachServer } from '../../packages/event-log-postgres/testing/describe-each-server.ts'
import { runSql } from '../../packages/event-log-postgres/testing/sample-postgres-log.ts'
import { claimlog, parseOutput, temporaryDirectory } from '../support/claimlog-process.ts'
import { ndjson } from '../support/cli-workspace.ts'

/** A user's cache, and two databases whose logs have one id, as that of a server that claims to have another's log. */
const createTwins = async ({ host, port, user, password }: Cluster) => {
  const [cwd, cacheHome] = [temporaryDirectory(), temporaryDirectory()]
  const createRun = (database: string) => async (args: ReadonlyArray<string>, input?: string) => {
    const log = `postgres://${user}@${host}:${port}/${database}`
    const env = { PGPASSWORD: password, XDG_CACHE_HOME: cacheHome, CLAIMLOG_LOG: log }
    return claimlog([...args, '--json'], { cwd, env, ...(input === undefined ? {} : { input }) })
  }
  const queryDatabase = (database: string, text: string) =>
    runSql({ hosts: [{ host, port }], user, password, database }, text)
  let logId = ''
  for (const database of ['own', 'foreign']) {
    await queryDatabase('postgres', `DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`)
    await queryDatabase('postgres', `CREATE DATABASE "${database}"`)
    parseOutput(await createRun(database)(['init']))
    rmSync(join(cwd, '.claimlog'), { recursive: true })
    if (database === 'own') {
      const [row] = await queryDatabase(database, 'SELECT log_id FROM claimlog.workspaces')
      logId = String(row?.['log_id'])
    } else await queryDatabase(database, `UPDATE claimlog.workspaces SET log_id = '${logId}'`)
  }
  const derived = join(cacheHome, 'claimlog', logId, 'derived')
  return { own: createRun('own'), foreign: createRun('foreign'), derived }
}

type RunOne = Awaited<ReturnType<typeof createTwins>>['own']

const addTasks = async (run: RunOne, prefix: string, count: number): Promise<void> => {
  const tasks = Array.from({ length: count }, (_, i) => ({ kind: 'docs', task_id: `${prefix}${i}` }))
  expect(parseOutput(await run(['add', '-'], ndjson(...tasks)))).toMatchObject({ ok: true })
}

/** The number of tasks, and the first letters of their ids. */
const summarize = async (run: RunOne): Promise<string> => {
  const { tasks } = parseOutput(await run(['list'])) as { readonly tasks: ReadonlyArray<{ readonly id: string }> }
  const letters = new Set(tasks.map(({ id }) => id.charAt(0)))
  return `${tasks.length} ${[...letters].sort().join('')}`
}

const savedSeq = (derived: string): unknown =>
  (JSON.parse(readFileSync(join(derived, 'checkpoint.stamp'), 'utf8')) as { head: { seq: unknown } }).head.seq

describeEachServer(
  'a checkpoint of a log whose id another server claims',
  getCluster => {
    it('is never the state of the other log, whichever saved it last', async () => {
      const { own, foreign, derived } = await createTwins(getCluster())
      await addTasks(own, 'a', 700)
      expect(savedSeq(derived)).toBe(701)
      // Shorter, as long, and longer than the checkpoint.
      for (const [added, total] of [
        [600, 600],
        [100, 700],
        [100, 800],
      ] as const) {
        await addTasks(foreign, `b${total}-`, added)
        expect(await summarize(foreign)).toBe(`${total} b`)
        expect(await summarize(own)).toBe('700 a')
        expect(parseOutput(await own(['verify']))).toMatchObject({ ok: true })
      }
      expect(parseOutput(await own(['claim', 'ann', 'docs']))).toMatchObject({ task: { id: 'a0' } })
      expect(parseOutput(await foreign(['claim', 'ann', 'docs']))).toMatchObject({ task: { id: 'b600-0' } })
    })

    it('that was put in its place is not used either', async () => {
      const { own, foreign, derived } = await createTwins(getCluster())
      await addTasks(own, 'a', 700)
      const saved = join(temporaryDirectory(), 'derived')
      cpSync(derived, saved, { recursive: true })
      await addTasks(foreign, 'b', 700)
      rmSync(derived, { recursive: true })
      cpSync(saved, derived, { recursive: true })
      expect(savedSeq(derived)).toBe(701)
      expect(await summarize(foreign)).toBe('700 b')
      expect((await foreign(['show', 'a0'])).status).not.toBe(0)
      expect(await summarize(own)).toBe('700 a')
    })
  },
  { isLong: true },
)
