import { mkdirSync } from 'node:fs'
import { benchKind, writeDerivedFiles } from './bench-queue.ts'
import type { ContenderName } from '../contenders/contender.ts'
import { openSqliteTable } from '../contenders/sqlite-table.ts'
import { makeLog } from './log-maker.ts'
import { isServerPlace } from './server-place.ts'
import { makeServerQueue } from './server-queue.ts'

/** Creates a queue of `tasks` ready tasks at a place, in a process that is not measured. */
export const makeQueue = async (contender: ContenderName, place: string, tasks: number): Promise<void> => {
  if (isServerPlace(place)) return makeServerQueue(contender, place, tasks)
  mkdirSync(place, { recursive: true })
  switch (contender) {
    case 'claimlog':
      makeLog(place, [{ kind: benchKind, tasks, done: 0 }])
      await writeDerivedFiles(place)
      return
    case 'sqlite': {
      const table = openSqliteTable(place, 'unsynced', benchKind)
      table.add(benchKind, tasks)
      table.close()
      return
    }
    case 'graphile-worker':
    case 'pg-boss':
      throw new Error(`${contender} needs a server`)
  }
}
