import { init } from 'claimlog'
import { runMigrations } from 'graphile-worker'
import pg from 'pg'
import { startPgBoss } from '../contenders/pg-boss.ts'
import type { ContenderName } from '../contenders/contender.ts'
import { benchKind } from './bench-queue.ts'
import { parseServerPlace } from './server-place.ts'

/** Runs a statement over a connection of its own. */
export const runStatement = async (
  connectionString: string,
  text: string,
  values: ReadonlyArray<unknown> = [],
): Promise<ReadonlyArray<Readonly<Record<string, unknown>>>> => {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text, [...values])).rows
  } finally {
    await client.end()
  }
}

const tasksPerCall = 1000

/** Calls `add` with the numbers of a thousand tasks at a time. */
const addInBatches = async (
  tasks: number,
  add: (numbers: ReadonlyArray<number>) => Promise<unknown>,
): Promise<void> => {
  for (let from = 0; from < tasks; from += tasksPerCall)
    await add(Array.from({ length: Math.min(tasksPerCall, tasks - from) }, (_, i) => from + i + 1))
}

/** Creates a queue of `tasks` ready tasks on a server. */
export const makeServerQueue = async (contender: ContenderName, place: string, tasks: number): Promise<void> => {
  const { connectionString, queueName } = parseServerPlace(place)
  switch (contender) {
    case 'claimlog': {
      const queue = await init({ log: place })
      await addInBatches(tasks, numbers =>
        queue.addMany(numbers.map(number => ({ taskId: String(number), kind: benchKind }))),
      )
      await queue.close()
      break
    }
    case 'graphile-worker':
      await runMigrations({ connectionString, schema: queueName })
      await runStatement(
        connectionString,
        `SELECT count(*) FROM generate_series(1, $1::int) AS n, ${queueName}.add_job($2, json_build_object('n', n))`,
        [tasks, benchKind],
      )
      break
    case 'pg-boss': {
      const boss = await startPgBoss(connectionString, true)
      await boss.createQueue(queueName)
      await addInBatches(tasks, numbers => boss.insert(numbers.map(number => ({ name: queueName, data: { number } }))))
      await boss.stop({ graceful: false })
      break
    }
    case 'sqlite':
      throw new Error('SQLite has no server')
  }
  // Otherwise the first statements are planned for empty tables, until the server notices by itself.
  if (tasks > 0) await runStatement(connectionString, 'ANALYZE')
}

/** The ids of the tasks that are done according to the server, as often as it has recorded that. */
export const listDoneTasks = async (
  contender: ContenderName,
  place: string,
  tasks: number,
): Promise<ReadonlyArray<string>> => {
  const { connectionString, queueName } = parseServerPlace(place)
  const select = async (text: string, ...values: ReadonlyArray<unknown>): Promise<ReadonlyArray<string>> =>
    (await runStatement(connectionString, text, values)).map(({ id }) => String(id))
  switch (contender) {
    case 'claimlog':
      return select(
        `SELECT line::json->>'task_id' AS id FROM claimlog.events
          WHERE workspace = (SELECT id FROM claimlog.workspaces WHERE name = $1) AND line::json->>'event' = 'completed'`,
        queueName,
      )
    case 'graphile-worker': {
      // It deletes a job that is done; the ids of a new queue begin with 1.
      const remaining = new Set(await select(`SELECT id FROM ${queueName}._private_jobs`))
      return Array.from({ length: tasks }, (_, i) => String(i + 1)).filter(id => !remaining.has(id))
    }
    case 'pg-boss':
      return select(`SELECT id FROM pgboss.job WHERE name = $1 AND state = 'completed'`, queueName)
    case 'sqlite':
      throw new Error('SQLite has no server')
  }
}
