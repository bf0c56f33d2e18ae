import { basename } from 'node:path'
import type { FileIdentity } from '@claimlog/event-log-file'
import type { VirtualFile } from './virtual-file.ts'
import type { VirtualMachine } from './virtual-machine.ts'

/** The machine as a process sees it: its own calls have taken effect, even if others do not see that yet. */
export type MachineView = {
  readonly findFile: (path: string) => VirtualFile | undefined
  readonly readContent: (file: VirtualFile) => Buffer
  readonly readIdentity: (file: VirtualFile) => FileIdentity
  readonly setName: (name: string, file: VirtualFile | undefined) => void
  readonly setContent: (file: VirtualFile, content: Buffer) => void
  /** After an unlock all processes see the written contents, and others may write more. */
  readonly dropContents: () => void
  readonly reset: () => void
}

export const createMachineView = (machine: VirtualMachine): MachineView => {
  const names = new Map<string, VirtualFile | undefined>()
  const contents = new Map<VirtualFile, Buffer>()
  const readContent = (file: VirtualFile): Buffer => contents.get(file) ?? file.content()
  return {
    findFile: path => {
      const name = basename(path)
      return names.has(name) ? names.get(name) : machine.names.get(name)
    },
    readContent,
    readIdentity: file => ({ dev: 1, ino: file.ino, regular: true, size: readContent(file).length }),
    setName: (name, file) => void names.set(name, file),
    setContent: (file, content) => void contents.set(file, content),
    dropContents: () => contents.clear(),
    reset: () => {
      names.clear()
      contents.clear()
    },
  }
}
