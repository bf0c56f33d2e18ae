import { basename } from 'node:path'
import type { FileIdentity } from '@claimlog/event-log-file'
import type { VirtualFile } from './virtual-file.ts'
import type { VirtualMachine } from './virtual-machine.ts'

/** The machine as a process sees it: its own calls have taken effect, even if others do not see that yet. */
export type OwnView = {
  readonly fileAt: (path: string) => VirtualFile | undefined
  readonly contentOf: (file: VirtualFile) => Buffer
  readonly identityOf: (file: VirtualFile) => FileIdentity
  readonly name: (name: string, file: VirtualFile | undefined) => void
  readonly fill: (file: VirtualFile, content: Buffer) => void
  /** After an unlock all processes see the written contents, and others may write more. */
  readonly forgetContents: () => void
  readonly forget: () => void
}

export const ownViewOf = (machine: VirtualMachine): OwnView => {
  const names = new Map<string, VirtualFile | undefined>()
  const contents = new Map<VirtualFile, Buffer>()
  const contentOf = (file: VirtualFile): Buffer => contents.get(file) ?? file.content()
  return {
    fileAt: path => {
      const name = basename(path)
      return names.has(name) ? names.get(name) : machine.names.get(name)
    },
    contentOf,
    identityOf: file => ({ dev: 1, ino: file.ino, regular: true, size: contentOf(file).length }),
    name: (name, file) => void names.set(name, file),
    fill: (file, content) => void contents.set(file, content),
    forgetContents: () => contents.clear(),
    forget: () => {
      names.clear()
      contents.clear()
    },
  }
}
