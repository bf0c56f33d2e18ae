import { basename } from 'node:path'
import type { Disk } from '@claimlog/event-log-file'
import type { Random } from '../support/random.ts'
import type { Effects } from './effects.ts'
import type { Faults } from './faults.ts'
import type { OwnView } from './own-view.ts'
import type { VirtualFile } from './virtual-file.ts'
import type { OpenFile, VirtualMachine } from './virtual-machine.ts'

/** The context of the calls of one process. */
export type Calling = {
  readonly machine: VirtualMachine
  readonly random: Random
  readonly faults: Faults
  readonly effects: Effects
  readonly view: OwnView
  readonly opened: Set<OpenFile>
  /** Throws if the process is dead. */
  readonly stillLives: () => void
  /** The start of every call: others may run first, and if `mayFail`, the call may fail. */
  readonly begin: (what: string, mayFail: boolean) => void
  readonly kill: () => void
}

/** An error like those of the system. */
export const systemError = (code: string): Error => Object.assign(new Error(`${code}: as if`), { code })

/** The system calls of one process on a virtual machine. */
export const simulatedDisk = (calling: Calling): Disk => {
  const { machine, random, faults, effects, view, opened, begin, stillLives } = calling
  const fds = new Map<number, OpenFile>()
  let lastFd = 2

  const openFile = (fd: number): OpenFile => {
    const found = fds.get(fd)
    if (found === undefined) throw new Error('the file is not open')
    return found
  }

  const setNames = (
    changes: ReadonlyArray<{ readonly name: string; readonly file: VirtualFile | undefined }>,
  ): void => {
    for (const { name, file } of changes) view.name(name, file)
    effects.issue(`name ${changes.map(({ name }) => name).join(', ')}`, () => machine.rename(changes))
  }

  return {
    open: (path, opening) => {
      const name = basename(path)
      // If not even the marker of a failed sync can be created, no process can learn of it: see docs/reliability.md.
      begin(`open ${name}`, name !== 'events.unsynced')
      let file = view.fileAt(path)
      const makes = opening === 'create' || opening === 'append or create'
      if (file === undefined && !makes) throw systemError('ENOENT')
      if (file !== undefined && opening === 'create') throw systemError('EEXIST')
      if (file === undefined) {
        file = machine.newFile()
        setNames([{ name, file }])
      }
      const open = { file, failuresKnown: file.told() }
      opened.add(open)
      fds.set((lastFd += 1), open)
      return lastFd
    },
    close: fd => {
      stillLives()
      const closed = openFile(fd)
      fds.delete(fd)
      effects.issue('close', () => {
        machine.unlock(closed)
        opened.delete(closed)
      })
    },
    stat: path => {
      begin(`stat ${basename(path)}`, true)
      const file = view.fileAt(path)
      return file === undefined ? undefined : view.identityOf(file)
    },
    fstat: fd => {
      begin('fstat', true)
      return view.identityOf(openFile(fd).file)
    },
    read: (fd, buffer, at, length, offset) => {
      begin('read', true)
      const there = view.contentOf(openFile(fd).file).subarray(offset, offset + length)
      const isShort = there.length > 1 && random.chance(faults.shortReads)
      return there.copy(buffer, at, 0, isShort ? random.between(1, there.length) : there.length)
    },
    append: (fd, bytes) => {
      begin('append', true)
      const { file } = openFile(fd)
      return write(calling, file, 'append', bytes, view.contentOf(file).length, part => file.append(part))
    },
    overwrite: (fd, bytes, offset) => {
      begin('overwrite', true)
      const { file } = openFile(fd)
      return write(calling, file, 'overwrite', bytes, offset, (part, at) => file.overwrite(part, at))
    },
    truncate: (fd, size) => {
      begin('truncate', true)
      const { file } = openFile(fd)
      view.fill(file, view.contentOf(file).subarray(0, size))
      effects.issue(`truncate to ${size}`, () => file.truncate(size))
    },
    datasync: fd => {
      begin('datasync', false)
      datasync(calling, openFile(fd))
    },
    rename: (from, to) => {
      begin('rename', true)
      const file = view.fileAt(from)
      if (file === undefined) throw systemError('ENOENT')
      setNames([
        { name: basename(to), file },
        { name: basename(from), file: undefined },
      ])
    },
    remove: path => {
      begin('remove', true)
      if (view.fileAt(path) === undefined) throw systemError('ENOENT')
      setNames([{ name: basename(path), file: undefined }])
    },
    syncDirectory: () => {
      begin('sync directory', true)
      effects.issue('sync directory', () => machine.syncNames())
    },
    copyOwnerAndMode: () => begin('take after', true),
    tryLock: fd => {
      begin('lock', true)
      const wanted = openFile(fd)
      if (effects.areDue() || (machine.isLocked(wanted.file) && faults.lie !== 'lock')) return false
      machine.lock(wanted)
      return true
    },
    unlock: fd => {
      stillLives()
      const held = openFile(fd)
      effects.issue('unlock', () => {
        machine.unlock(held)
        view.forgetContents()
      })
    },
  }
}

/** Writes as much as the system takes; others may see half of that first. */
const write = (
  { random, faults, effects, view }: Calling,
  file: VirtualFile,
  what: string,
  bytes: Uint8Array,
  at: number,
  apply: (part: Buffer, at: number) => void,
): number => {
  const taken = random.chance(faults.shortWrites) ? random.between(1, bytes.length) : bytes.length
  const part = Buffer.from(bytes.subarray(0, taken))
  const content = view.contentOf(file)
  const changed = Buffer.alloc(Math.max(content.length, at + taken))
  content.copy(changed)
  part.copy(changed, at)
  view.fill(file, changed)
  const half = random.chance(50) ? random.between(0, taken) : 0
  if (half > 0) effects.issue(`${what} ${half} bytes`, () => apply(part.subarray(0, half), at))
  effects.issue(`${what} ${taken - half} of ${bytes.length} bytes`, () => apply(part.subarray(half), at + half))
  return taken
}

const datasync = ({ random, faults, effects, kill }: Calling, synced: OpenFile): void => {
  const { file } = synced
  const isTold = (): void => {
    synced.failuresKnown = file.failures()
  }
  if (synced.failuresKnown < file.failures()) {
    effects.issue('datasync reports an earlier failure', () => {
      file.sync()
      isTold()
    })
    throw systemError('EIO')
  }
  if (random.chance(faults.failingSyncs)) {
    const fail = (): void => {
      file.failToSync()
      file.tell()
      isTold()
    }
    // The next call writes the marker. Between the two no process could know of the failure: see docs/reliability.md.
    effects.issue('datasync fails', fail, true)
    throw systemError('EIO')
  }
  effects.issue('datasync', () => {
    // Another process's sync has failed since this one was issued and would be reported here. The process dies instead.
    if (synced.failuresKnown < file.failures()) kill()
    else if (faults.lie !== 'sync') file.sync()
  })
}
