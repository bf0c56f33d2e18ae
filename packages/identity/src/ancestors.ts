import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

/** A process: `startedAt`, in the format of its system, distinguishes it from a later one with the same pid. */
export type AncestorProcess = {
  readonly pid: number
  readonly startedAt: string
  /** The program's file; on systems without /proc its name. */
  readonly program: string
  readonly words: ReadonlyArray<string>
  /** Its terminal; '' without one. */
  readonly terminal: string
}

/** The processes from the parent of this one upwards, and the scope of their pids. */
export type Ancestors = {
  readonly list: ReadonlyArray<AncestorProcess>
  /** One boot and one pid namespace: elsewhere the same pids are other processes. */
  readonly realm: string
}

/** A longer chain is not a chain of parents. */
const generationsMax = 64

/** Returns the ancestors of this process, nearest first: from /proc, else from `ps`; empty if neither works. */
export const readAncestors = (): Ancestors => {
  const realm = readRealm()
  const lookup = realm === undefined ? createPsLookup() : readProcEntry
  const list: Array<AncestorProcess> = []
  let pid = process.ppid
  while (pid > 0 && list.length < generationsMax) {
    const entry = lookup(pid)
    if (entry === undefined) break
    list.push(entry.self)
    pid = entry.parent
  }
  return { list, realm: realm ?? 'ps' }
}

/** True if a process seen before still runs; a zombie does not. */
export const isRunning = ({ pid, startedAt }: Pick<AncestorProcess, 'pid' | 'startedAt'>): boolean => {
  const lookup = readRealm() === undefined ? createPsLookup() : readProcEntry
  return lookup(pid)?.self.startedAt === startedAt
}

type ProcessEntry = { readonly self: AncestorProcess; readonly parent: number }

const readRealm = (): string | undefined => {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return undefined
  }
}

const readProcEntry = (pid: number): ProcessEntry | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the program's name in brackets, which may contain any character.
    const [state = '', parent, , , terminal, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (state === 'Z' || state === 'X') return undefined
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, 8)
    const program = readProgram(pid) ?? words[0] ?? ''
    const self = { pid, startedAt: rest[14] ?? '', program, words, terminal: terminal === '0' ? '' : (terminal ?? '') }
    return { self, parent: Number(parent) }
  } catch {
    return undefined
  }
}

/** undefined: it belongs to another user. */
const readProgram = (pid: number): string | undefined => {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '')
  } catch {
    return undefined
  }
}

/** Looks up processes in the output of `ps`, which runs at most once. */
const createPsLookup = (): ((pid: number) => ProcessEntry | undefined) => {
  let table: ReadonlyMap<number, ProcessEntry> | undefined
  return pid => (table ??= readPsTable()).get(pid)
}

const psLine = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(\w{3} \w{3} +\d+ [\d:]+ \d{4})\s+(.*)$/

const readPsTable = (): ReadonlyMap<number, ProcessEntry> => {
  const table = new Map<number, ProcessEntry>()
  try {
    const args = ['-axo', 'pid=,ppid=,stat=,tty=,lstart=,command=']
    const env = { ...process.env, LC_ALL: 'C' }
    const text = execFileSync('ps', args, { encoding: 'utf8', timeout: 2000, maxBuffer: 1 << 26, env, stdio: 'pipe' })
    for (const line of text.split('\n')) {
      const [, pid, parent, state = '', tty = '', startedAt = '', command = ''] = psLine.exec(line) ?? []
      if (pid === undefined || state.startsWith('Z')) continue
      const words = command.split(' ')
      const terminal = tty.startsWith('?') ? '' : tty
      const self = { pid: Number(pid), startedAt, program: words[0] ?? '', words, terminal }
      table.set(self.pid, { self, parent: Number(parent) })
    }
  } catch {
    // Then no other process is known.
  }
  return table
}

/** The name of a program: without its folder, a login shell's dash, and an extension. */
export const programName = (path: string): string =>
  basename(path)
    .replace(/^-/, '')
    .replace(/\.(?:exe|[cm]?js)$/i, '')
