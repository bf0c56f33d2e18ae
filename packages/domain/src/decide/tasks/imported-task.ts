import * as t from 'io-ts'
import { closedRecord, Json, orNull, Text } from '@claimlog/codecs'
import { NewWorkerName, Time } from '../../values/scalars.ts'
import { differingFields, NewTask } from './new-task.ts'

/** Where a task stood in the system it comes from. */
export const ImportedStanding = closedRecord(
  'standing',
  { status: t.keyof({ ready: null, held: null, done: null, failed: null, cancelled: null }) },
  { worker: NewWorkerName, lease_until: orNull(Time), reason: Text, result: Json, error: Text, retry_at: Time },
)
export type ImportedStanding = t.TypeOf<typeof ImportedStanding>

/** A task of another file, and where it stood there. */
export const ImportedTask = closedRecord('imported task', { task: NewTask, standing: ImportedStanding }, {})
export type ImportedTask = t.TypeOf<typeof ImportedTask>

/**
 * The fields, as files spell them, in which a task that is there differs from one that is to be imported. What a
 * `foreign` task needs and when it is due are not compared: they change there as work goes on, when a need that was met is
 * no longer told and a task is no longer put off.
 */
export const differingWhenImported = (existing: NewTask, task: NewTask, foreign: boolean): ReadonlyArray<string> =>
  differingFields(existing, task).filter(field => !foreign || (field !== 'needs' && field !== 'not_before'))
