import { tmpdir } from 'node:os'
import type { WorkerFailed } from '@claimlog/messages'

/** The worker cannot create the folder for its next command. */
export const noFolder = (thrown: unknown): WorkerFailed =>
  workerFailed(
    'make a folder for a command in',
    tmpdir(),
    thrown,
    'set TMPDIR to a writable directory with free space, then start the worker again',
  )

/** The system cannot start the command. */
export const notStarted = (command: string, thrown: unknown): WorkerFailed =>
  workerFailed('start', command, thrown, `${startHint(errorCode(thrown))}, then start the worker again`)

/** The command succeeded, but its result cannot be read. */
export const resultNotRead = (path: string, thrown: unknown): WorkerFailed =>
  workerFailed('read the result in', path, thrown, `${startHint(errorCode(thrown))}, then start the worker again`)

/** The working directory was deleted. */
export const noDirectory = (path: string): WorkerFailed => ({
  failure: 'WorkerFailed',
  operation: 'start a command in',
  path,
  code: 'ENOENT',
  detail: 'this directory was deleted since the worker was started',
  hint: 'start the worker again in an existing directory',
})

const workerFailed = (operation: string, path: string, thrown: unknown, hint: string): WorkerFailed => ({
  failure: 'WorkerFailed',
  operation,
  path,
  code: errorCode(thrown),
  detail: thrown instanceof Error ? thrown.message : String(thrown),
  hint,
})

const errorCode = (thrown: unknown): string => (thrown as Partial<NodeJS.ErrnoException> | undefined)?.code ?? 'UNKNOWN'

const startHint = (code: string): string => {
  switch (code) {
    case 'EMFILE':
    case 'ENFILE':
      return 'raise the limit of open files (ulimit -n) or run fewer commands at once (-j)'
    case 'EAGAIN':
    case 'ENOMEM':
      return 'raise the limits of processes and memory (ulimit -u, -v) or run fewer commands at once (-j)'
    case 'E2BIG':
      return "shorten the command's arguments or the environment (getconf ARG_MAX shows the limit for both)"
    default:
      return 'check the message, and whether the command can be run by hand'
  }
}
