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
  readonly keep: (slot: Slot) => void
  readonly has: (worker: WorkerName) => boolean
  /** Takes the lock of a name while this process lives; undefined: another process has it. */
  readonly lock: (worker: WorkerName) => (() => void) | undefined
  /** True if a process has the lock of a name. */
  readonly isLocked: (worker: WorkerName) => boolean
}

const slotBytesMax = 16 * 1024
const slotsMax = 4096
/** The body takes microseconds; a process that keeps the lock for longer is broken. */
const patienceMs = 1000

/** Runs `body` on the slots of the workspace in `dir` while no other process does; without a lock if that fails. */
export const withNameSlots = async <A>(dir: string, body: (slots: NameSlots) => A): Promise<A> => {
  const folder = join(dir, derivedFiles.agents)
  const isThere = [join(dir, derivedFiles.dir), folder].every(makeFolder)
  const slots = isThere ? slotsIn(folder) : noSlots
  if (!isThere) return body(slots)
  const done = await withLockFile(join(folder, 'lock'), patienceMs, () => body(slots))()
  return E.isRight(done) ? done.right : body(slots)
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
  keep: () => undefined,
  has: () => true,
  lock: () => () => undefined,
  isLocked: () => false,
}

const slotsIn = (folder: string): NameSlots => {
  const pathOf = (worker: WorkerName, ending: string): string =>
    join(folder, `${createHash('sha256').update(worker).digest('hex').slice(0, 24)}.${ending}`)
  const lock = (worker: WorkerName): (() => void) | undefined => {
    try {
      return tryLockFile(pathOf(worker, 'lock'))
    } catch {
      // If locks do not work on this system, no other process is locked out either.
      return () => undefined
    }
  }
  return {
    read: () => {
      const names = quietly(() => readdirSync(folder)) ?? []
      return names
        .filter(name => name.endsWith('.json'))
        .slice(0, slotsMax)
        .flatMap(name => quietly(() => readSlot(join(folder, name))) ?? [])
    },
    keep: slot => {
      const temporary = pathOf(slot.worker, `${process.pid}.tmp`)
      quietly(() => {
        // An earlier process with this pid may have been killed before it renamed its file.
        rmSync(temporary, { force: true })
        try {
          writeFileSync(temporary, `${JSON.stringify(slot)}\n`, { flag: 'wx' })
          renameSync(temporary, pathOf(slot.worker, 'json'))
        } catch {
          rmSync(temporary, { force: true })
        }
      })
    },
    has: worker => existsSync(pathOf(worker, 'json')),
    lock,
    isLocked: worker => {
      const release = lock(worker)
      release?.()
      return release === undefined
    },
  }
}

const quietly = <A>(body: () => A): A | undefined => {
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
    const said = JSON.parse(bytes.toString('utf8', 0, readSync(fd, bytes))) as Record<string, unknown> | null
    const { worker, client, checkout, program, terminal, realm } = said ?? {}
    const texts = [worker, client, checkout, program, terminal, realm]
    if (!texts.every(text => typeof text === 'string') || !WorkerName.is(worker)) return undefined
    return { ...(said as Slot), ...marksOf(said ?? {}) }
  } finally {
    closeSync(fd)
  }
}

const marksOf = ({ agent, top }: Record<string, unknown>): Pick<Slot, 'agent' | 'top'> => ({
  ...(isMark(agent) ? { agent } : { agent: undefined }),
  ...(isMark(top) ? { top } : { top: undefined }),
})

const isMark = (value: unknown): value is ProcessMark => {
  const { pid, startedAt } = (value ?? {}) as Partial<Record<keyof ProcessMark, unknown>>
  return Number.isSafeInteger(pid) && typeof startedAt === 'string'
}
