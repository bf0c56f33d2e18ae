import type { Random } from '../support/random.ts'
import { virtualFile, type VirtualFile } from './virtual-file.ts'

/** An open file: the owner of a lock, and the receiver of a failed sync's error. */
export type VirtualOpenFile = { readonly file: VirtualFile; failuresKnown: number }

type NameChange = { readonly name: string; readonly file: VirtualFile | undefined }

/** The state that the processes of a machine share: one directory on a disk, open files, locks, and the time. */
export type VirtualMachine = {
  /** Milliseconds that have passed, on the monotonic clock. */
  nowMs: number
  readonly names: ReadonlyMap<string, VirtualFile>
  readonly newFile: () => VirtualFile
  /** Applies all name changes at once; no file: the name is removed. */
  readonly rename: (changes: ReadonlyArray<NameChange>) => void
  readonly syncNames: () => void
  readonly isLocked: (file: VirtualFile) => boolean
  readonly lock: (open: VirtualOpenFile) => void
  /** Does nothing if `open` does not have the lock. */
  readonly unlock: (open: VirtualOpenFile) => void
  /** All processes end, and everything that is not on disk is lost. */
  readonly powerCut: () => void
}

/** A machine whose directory has an empty log. */
export const virtualMachine = (random: Random): VirtualMachine => {
  const pageBytes = random.oneOf([64, 512, 4096]) ?? 4096
  let files = 0
  const newFile = (): VirtualFile => virtualFile((files += 1), pageBytes, random)
  let names = new Map<string, VirtualFile>([['events.jsonl', newFile()]])
  let namesOnDisk = new Map(names)
  let renames: Array<ReadonlyArray<NameChange>> = []
  const locks = new Map<VirtualFile, VirtualOpenFile>()

  const applyNames = (to: Map<string, VirtualFile>, changes: ReadonlyArray<NameChange>): void => {
    for (const { name, file } of changes)
      if (file === undefined) to.delete(name)
      else to.set(name, file)
  }

  return {
    nowMs: 0,
    get names() {
      return names
    },
    newFile,
    rename: changes => {
      applyNames(names, changes)
      renames.push(changes)
    },
    syncNames: () => {
      namesOnDisk = new Map(names)
      renames = []
    },
    isLocked: file => locks.has(file),
    lock: open => locks.set(open.file, open),
    unlock: open => {
      if (locks.get(open.file) === open) locks.delete(open.file)
    },
    powerCut: () => {
      // A journaling file system keeps the order of renames; how many of them it has written is not known.
      for (const changes of renames.slice(0, random.between(0, renames.length))) applyNames(namesOnDisk, changes)
      renames = []
      names = new Map(namesOnDisk)
      locks.clear()
      for (const file of names.values()) file.powerCut()
    },
  }
}
