import type { QueueMethods } from '../queue-methods.ts'
import { callback, type Check, required, string, wholeNumberOrNull } from './check.ts'
import * as check from './option-checks.ts'

/** The arguments of a function or method, in order. */
export type Signature = ReadonlyArray<{ readonly name: string; readonly check: Check }>

/** The functions and methods of the library that take arguments. */
export type MethodName = 'open' | 'init' | 'follow' | 'worker' | keyof QueueMethods<'promise'>

/** Builds a signature from the checks of the arguments, in order. */
export const signature = (args: Readonly<Record<string, Check>>): Signature =>
  Object.entries(args).map(([name, argumentCheck]) => ({ name, check: argumentCheck }))

const taskId = required(string)
const kind = required(string)
const ofTask = signature({ taskId, options: check.reasonOptions })
const ofKind = signature({ kind, options: check.reasonOptions })
const queryOfTask = signature({ taskId, options: check.queryOptions })

/**
 * The arguments of every function and method of the library. `close` is not here: it takes none, and ignores those
 * that it gets as a listener.
 */
export const signatures: Readonly<Record<MethodName, Signature>> = {
  open: signature({ options: check.openOptions }),
  init: signature({ options: check.initOptions }),
  add: signature({ task: required(check.newTask), options: check.addOptions }),
  addMany: signature({ tasks: required(check.newTasks), options: check.addOptions }),
  claim: signature({ options: required(check.claimOptions) }),
  claimMany: signature({ options: required(check.claimManyOptions) }),
  complete: signature({ options: required(check.completeOptions) }),
  fail: signature({ options: required(check.failOptions) }),
  release: signature({ options: required(check.releaseOptions) }),
  renew: signature({ options: required(check.renewOptions) }),
  hold: ofTask,
  unhold: ofTask,
  cancel: ofTask,
  retry: ofTask,
  amend: signature({ taskId, changes: required(check.amendment), options: check.callOptions }),
  note: signature({ taskId, text: required(string), options: check.callOptions }),
  pause: ofKind,
  resume: ofKind,
  limit: signature({ kind, limit: required(wholeNumberOrNull), options: check.callOptions }),
  list: signature({ query: check.listQuery, options: check.queryOptions }),
  show: queryOfTask,
  status: signature({ options: check.queryOptions }),
  why: queryOfTask,
  trace: signature({ taskId, options: check.signalOptions }),
  diff: signature({ from: required(check.pointInTime), to: check.pointInTime, options: check.signalOptions }),
  waitFor: signature({ taskIds: required(check.kindList), options: check.waitOptions }),
  waitUntilEmpty: signature({ kinds: check.kindList, options: check.waitOptions }),
  follow: signature({ options: check.followOptions }),
  worker: signature({
    kinds: required(check.kindOrKinds),
    handler: required(callback),
    options: check.workerOptions,
  }),
}
