import type { Random } from '../support/random.ts'
import { virtualFile, type VirtualFile } from './virtual-file.ts'

/** An open file: what a lock belongs to, and who is told of a failed sync. */
export type OpenFile = { readonly file: VirtualFile; failuresKnown: number }

type NameChange = { readonly name: string; readonly file: VirtualFile | undefined }

/** One directory on a disk, its open files and locks, and the time: what the processes of a machine share. */
export type VirtualMachine = {
  /** Milliseconds that have passed, on a clock that nobody sets. */
  nowMs: number
  readonly names: ReadonlyMap<string, VirtualFile>
  readonly newFile: () => VirtualFile
  /** Gives names to files, all at once; no file: the name is gone. */
  readonly rename: (changes: ReadonlyArray<NameChange>) => void
  readonly syncNames: () => void
  readonly isLocked: (file: VirtualFile) => boolean
  readonly lock: (open: OpenFile) => void
  /** Does nothing where the lock is not this one's. */
  readonly unlock: (open: OpenFile) => void
  /** Every process is gone, and so is whatever was not on the disk. */
  readonly powerCut: () => void
}

/** A machine whose directory holds an empty log. */
export const virtualMachine = (random: Random): VirtualMachine => {
  const pageBytes = random.oneOf([64, 512, 4096]) ?? 4096
  let files = 0
  const newFile = (): VirtualFile => virtualFile((files += 1), pageBytes, random)
  let names = new Map<string, VirtualFile>([['events.jsonl', newFile()]])
  let namesOnDisk = new Map(names)
  let renames: Array<ReadonlyArray<NameChange>> = []
  const locks = new Map<VirtualFile, OpenFile>()

  const apply = (to: Map<string, VirtualFile>, changes: ReadonlyArray<NameChange>): void => {
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
      apply(names, changes)
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
      // A journal keeps the order of what was done to names; how far it has come is not known.
      for (const changes of renames.slice(0, random.between(0, renames.length))) apply(namesOnDisk, changes)
      renames = []
      names = new Map(namesOnDisk)
      locks.clear()
      for (const file of names.values()) file.powerCut()
    },
  }
}
