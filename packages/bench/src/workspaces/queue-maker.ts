import { mkdirSync } from 'node:fs'
import { benchKind, writeDerivedFiles } from './bench-queue.ts'
import type { ContenderName } from '../contenders/contender.ts'
import { openSqliteTable } from '../contenders/sqlite-table.ts'
import { makeLog } from './log-maker.ts'

/** Creates a queue of `tasks` ready tasks in `dir`, in a process that is not measured. */
export const makeQueue = async (contender: ContenderName, dir: string, tasks: number): Promise<void> => {
  mkdirSync(dir, { recursive: true })
  switch (contender) {
    case 'claimlog':
      makeLog(dir, [{ kind: benchKind, tasks, done: 0 }])
      await writeDerivedFiles(dir)
      return
    case 'sqlite': {
      const table = openSqliteTable(dir, 'unsynced', benchKind)
      table.add(benchKind, tasks)
      table.close()
    }
  }
}
