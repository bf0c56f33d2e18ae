import * as t from 'io-ts'
import { closedRecord, Json, nullable, Text } from '@claimlog/codecs'
import { NewWorkerName, Time } from '../../values/scalars.ts'
import { findDifferences, NewTask } from './new-task.ts'

/** The state of a task in the system it comes from. */
export const ImportedState = closedRecord(
  'imported state',
  { status: t.keyof({ ready: null, held: null, done: null, failed: null, cancelled: null }) },
  { worker: NewWorkerName, lease_until: nullable(Time), reason: Text, result: Json, error: Text, retry_at: Time },
)
export type ImportedState = t.TypeOf<typeof ImportedState>

/** A task of another file, and its state there. */
export const ImportedTask = closedRecord('imported task', { task: NewTask, importedState: ImportedState }, {})
export type ImportedTask = t.TypeOf<typeof ImportedTask>

/**
 * The names of the fields in which an existing task differs from one to import. The dependencies and the due
 * time of a task of another tool (`isForeign`) are not compared: that tool changes them while work continues, as it
 * drops dependencies that are done and due times that have passed.
 */
export const findImportDifferences = (existing: NewTask, task: NewTask, isForeign: boolean): ReadonlyArray<string> =>
  findDifferences(existing, task).filter(field => !isForeign || (field !== 'needs' && field !== 'notBefore'))
