import {
  constants,
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { tryLockFile, withLockFile } from '@claimlog/event-log-file'
import * as E from 'fp-ts/lib/Either.js'
import { WorkerName } from '@claimlog/domain'
import { derivedFiles } from '@claimlog/queue-file'

/** The agent that works, or last worked, under a name. */
export type Slot = {
  readonly worker: WorkerName
  /** The agent's label; '' if unknown. */
  readonly client: string
  /** The top directory of its checkout. */
  readonly checkout: string
  /** The agent's program, its terminal, and its process with the topmost one of the same program. */
  readonly program: string
  readonly terminal: string
  readonly agent?: ProcessMark
  readonly top?: ProcessMark
  readonly realm: string
}

/** Identifies a process within its realm. */
export type ProcessMark = { readonly pid: number; readonly startedAt: string }

/**
 * The slots of a workspace: small files in a folder of its derived files. Each may be deleted or damaged at any time.
 */
export type NameSlots = {
  readonly read: () => ReadonlyArray<Slot>
  /** Writes a slot; if that fails, the slot is forgotten when this process ends. */
  readonly save: (slot: Slot) => void
  readonly has: (worker: WorkerName) => boolean
  /** Takes the lock of a name while this process lives; undefined: another process has it. */
  readonly lock: (worker: WorkerName) => (() => void) | undefined
  /** True if a process has the lock of a name. */
  readonly isLocked: (worker: WorkerName) => boolean
}

const slotBytesMax = 16 * 1024
const slotsMax = 4096
/** The body takes microseconds; a process that keeps the lock for longer is broken. */
const lockTimeoutMs = 1000

/** Runs `body` on the slots of the workspace in `dir` while no other process does; without a lock if that fails. */
export const withNameSlots = async <A>(dir: string, body: (slots: NameSlots) => A): Promise<A> => {
  const folder = join(dir, derivedFiles.agents)
  const hasFolder = [join(dir, derivedFiles.dir), folder].every(makeFolder)
  const slots = hasFolder ? openSlots(folder) : noSlots
  if (!hasFolder) return body(slots)
  const result = await withLockFile(join(folder, 'lock'), lockTimeoutMs, () => body(slots))()
  return E.isRight(result) ? result.right : body(slots)
}

/** A symbolic link in its place could lead anywhere. */
const makeFolder = (path: string): boolean => {
  try {
    mkdirSync(path)
  } catch {
    // It exists, or cannot be created.
  }
  try {
    return lstatSync(path).isDirectory()
  } catch {
    return false
  }
}

const noSlots: NameSlots = {
  read: () => [],
  save: () => undefined,
  has: () => true,
  lock: () => () => undefined,
  isLocked: () => false,
}

const openSlots = (folder: string): NameSlots => {
  const slotPath = (worker: WorkerName, ending: string): string =>
    join(folder, `${createHash('sha256').update(worker).digest('hex').slice(0, 24)}.${ending}`)
  const lock = (worker: WorkerName): (() => void) | undefined => {
    try {
      return tryLockFile(slotPath(worker, 'lock'))
    } catch {
      // If locks do not work on this system, no other process is locked out either.
      return () => undefined
    }
  }
  return {
    read: () => {
      const names = ignoreErrors(() => readdirSync(folder)) ?? []
      return names
        .filter(name => name.endsWith('.json'))
        .slice(0, slotsMax)
        .flatMap(name => ignoreErrors(() => readSlot(join(folder, name))) ?? [])
    },
    save: slot => {
      const tempPath = slotPath(slot.worker, `${process.pid}.tmp`)
      ignoreErrors(() => {
        // An earlier process with this pid may have been killed before it renamed its file.
        rmSync(tempPath, { force: true })
        try {
          writeFileSync(tempPath, `${JSON.stringify(slot)}\n`, { flag: 'wx' })
          renameSync(tempPath, slotPath(slot.worker, 'json'))
        } catch {
          rmSync(tempPath, { force: true })
        }
      })
    },
    has: worker => existsSync(slotPath(worker, 'json')),
    lock,
    isLocked: worker => {
      const release = lock(worker)
      release?.()
      return release === undefined
    },
  }
}

const ignoreErrors = <A>(body: () => A): A | undefined => {
  try {
    return body()
  } catch {
    return undefined
  }
}

const readSlot = (path: string): Slot | undefined => {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  try {
    if (!fstatSync(fd).isFile()) return undefined
    const bytes = Buffer.alloc(slotBytesMax)
    const parsed = JSON.parse(bytes.toString('utf8', 0, readSync(fd, bytes))) as Record<string, unknown> | null
    const { worker, client, checkout, program, terminal, realm } = parsed ?? {}
    const texts = [worker, client, checkout, program, terminal, realm]
    if (!texts.every(text => typeof text === 'string') || !WorkerName.is(worker)) return undefined
    return { ...(parsed as Slot), ...readMarks(parsed ?? {}) }
  } finally {
    closeSync(fd)
  }
}

const readMarks = ({ agent, top }: Record<string, unknown>): Pick<Slot, 'agent' | 'top'> => ({
  ...(isProcessMark(agent) ? { agent } : { agent: undefined }),
  ...(isProcessMark(top) ? { top } : { top: undefined }),
})

const isProcessMark = (value: unknown): value is ProcessMark => {
  const { pid, startedAt } = (value ?? {}) as Partial<Record<keyof ProcessMark, unknown>>
  return Number.isSafeInteger(pid) && typeof startedAt === 'string'
}
