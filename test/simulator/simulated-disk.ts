import { basename } from 'node:path'
import type { Disk } from '@claimlog/event-log-file'
import type { Random } from '../support/random.ts'
import type { PendingEffects } from './effects.ts'
import type { Faults } from './faults.ts'
import type { MachineView } from './process-view.ts'
import type { VirtualFile } from './virtual-file.ts'
import type { VirtualOpenFile, VirtualMachine } from './virtual-machine.ts'

/** The context of the calls of one process. */
export type DiskContext = {
  readonly machine: VirtualMachine
  readonly random: Random
  readonly faults: Faults
  readonly effects: PendingEffects
  readonly view: MachineView
  readonly opened: Set<VirtualOpenFile>
  /** Throws if the process is dead. */
  readonly assertAlive: () => void
  /** The start of every call: others may run first, and if `mayFail`, the call may fail. */
  readonly beginCall: (what: string, mayFail: boolean) => void
  readonly kill: () => void
}

/** An error like those of the system. */
export const systemError = (code: string): Error => Object.assign(new Error(`${code}: as if`), { code })

/** The system calls of one process on a virtual machine. */
export const simulatedDisk = (context: DiskContext): Disk => {
  const { machine, random, faults, effects, view, opened, beginCall, assertAlive } = context
  const fds = new Map<number, VirtualOpenFile>()
  let lastFd = 2

  const openFile = (fd: number): VirtualOpenFile => {
    const knownFile = fds.get(fd)
    if (knownFile === undefined) throw new Error('the file is not open')
    return knownFile
  }

  const setNames = (
    changes: ReadonlyArray<{ readonly name: string; readonly file: VirtualFile | undefined }>,
  ): void => {
    for (const { name, file } of changes) view.setName(name, file)
    effects.issue(`name ${changes.map(({ name }) => name).join(', ')}`, () => machine.rename(changes))
  }

  return {
    open: (path, mode) => {
      const name = basename(path)
      // If not even the marker of a failed sync can be created, no process can learn of it: see docs/explanation/guarantees.md.
      beginCall(`open ${name}`, name !== 'events.unsynced')
      let file = view.findFile(path)
      const creates = mode === 'create' || mode === 'append or create'
      if (file === undefined && !creates) throw systemError('ENOENT')
      if (file !== undefined && mode === 'create') throw systemError('EEXIST')
      if (file === undefined) {
        file = machine.newFile()
        setNames([{ name, file }])
      }
      const open = { file, failuresKnown: file.countReported() }
      opened.add(open)
      fds.set((lastFd += 1), open)
      return lastFd
    },
    close: fd => {
      assertAlive()
      const closed = openFile(fd)
      fds.delete(fd)
      effects.issue('close', () => {
        machine.unlock(closed)
        opened.delete(closed)
      })
    },
    stat: path => {
      beginCall(`stat ${basename(path)}`, true)
      const file = view.findFile(path)
      return file === undefined ? undefined : view.readIdentity(file)
    },
    fstat: fd => {
      beginCall('fstat', true)
      return view.readIdentity(openFile(fd).file)
    },
    read: (fd, buffer, position, length, offset) => {
      beginCall('read', true)
      const content = view.readContent(openFile(fd).file).subarray(offset, offset + length)
      const isShort = content.length > 1 && random.chance(faults.shortReads)
      return content.copy(buffer, position, 0, isShort ? random.between(1, content.length) : content.length)
    },
    append: (fd, bytes) => {
      beginCall('append', true)
      const { file } = openFile(fd)
      return write(context, file, 'append', bytes, view.readContent(file).length, part => file.append(part))
    },
    overwrite: (fd, bytes, offset) => {
      beginCall('overwrite', true)
      const { file } = openFile(fd)
      return write(context, file, 'overwrite', bytes, offset, (part, position) => file.overwrite(part, position))
    },
    truncate: (fd, size) => {
      beginCall('truncate', true)
      const { file } = openFile(fd)
      view.setContent(file, view.readContent(file).subarray(0, size))
      effects.issue(`truncate to ${size}`, () => file.truncate(size))
    },
    datasync: fd => {
      beginCall('datasync', false)
      datasync(context, openFile(fd))
    },
    rename: (from, to) => {
      beginCall('rename', true)
      const file = view.findFile(from)
      if (file === undefined) throw systemError('ENOENT')
      setNames([
        { name: basename(to), file },
        { name: basename(from), file: undefined },
      ])
    },
    remove: path => {
      beginCall('remove', true)
      if (view.findFile(path) === undefined) throw systemError('ENOENT')
      setNames([{ name: basename(path), file: undefined }])
    },
    syncDirectory: () => {
      beginCall('sync directory', true)
      effects.issue('sync directory', () => machine.syncNames())
    },
    copyOwnerAndMode: () => beginCall('copy owner and mode', true),
    tryLock: fd => {
      beginCall('lock', true)
      const candidate = openFile(fd)
      if (effects.hasPending() || (machine.isLocked(candidate.file) && faults.lie !== 'lock')) return false
      machine.lock(candidate)
      return true
    },
    unlock: fd => {
      assertAlive()
      const lockedFile = openFile(fd)
      effects.issue('unlock', () => {
        machine.unlock(lockedFile)
        view.dropContents()
      })
    },
  }
}

/** Writes as much as the system takes; others may see half of that first. */
const write = (
  { random, faults, effects, view }: DiskContext,
  file: VirtualFile,
  what: string,
  bytes: Uint8Array,
  position: number,
  apply: (part: Buffer, position: number) => void,
): number => {
  const writtenBytes = random.chance(faults.shortWrites) ? random.between(1, bytes.length) : bytes.length
  const part = Buffer.from(bytes.subarray(0, writtenBytes))
  const content = view.readContent(file)
  const changed = Buffer.alloc(Math.max(content.length, position + writtenBytes))
  content.copy(changed)
  part.copy(changed, position)
  view.setContent(file, changed)
  const half = random.chance(50) ? random.between(0, writtenBytes) : 0
  if (half > 0) effects.issue(`${what} ${half} bytes`, () => apply(part.subarray(0, half), position))
  effects.issue(`${what} ${writtenBytes - half} of ${bytes.length} bytes`, () =>
    apply(part.subarray(half), position + half),
  )
  return writtenBytes
}

const datasync = ({ random, faults, effects, kill }: DiskContext, synced: VirtualOpenFile): void => {
  const { file } = synced
  const markReported = (): void => {
    synced.failuresKnown = file.failures()
  }
  if (synced.failuresKnown < file.failures()) {
    effects.issue('datasync reports an earlier failure', () => {
      file.sync()
      markReported()
    })
    throw systemError('EIO')
  }
  if (random.chance(faults.failingSyncs)) {
    const fail = (): void => {
      file.failSync()
      file.reportFailures()
      markReported()
    }
    // The next call writes the marker. Between the two no process could know of the failure: see docs/explanation/guarantees.md.
    effects.issue('datasync fails', fail, true)
    throw systemError('EIO')
  }
  effects.issue('datasync', () => {
    // Another process's sync has failed since this one was issued and would be reported here. The process dies instead.
    if (synced.failuresKnown < file.failures()) kill()
    else if (faults.lie !== 'sync') file.sync()
  })
}
