import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer } from 'node:net'
import { findServerUser } from './installed-servers.ts'

export type ProgramSettings = {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
}

const spawnOptions = ({ cwd, env }: ProgramSettings) => ({
  cwd,
  // Nothing of this process's own, such as PGPORT or a locale.
  env: { PATH: process.env.PATH, TZ: 'UTC', ...env },
  ...findServerUser(),
})

/** Runs a program as the servers' user until its end; resolves with its output. */
export const runAsServerUser = async (
  command: string,
  args: ReadonlyArray<string>,
  settings: ProgramSettings,
): Promise<string> => {
  const child = spawn(command, args, { ...spawnOptions(settings), stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`${command} failed: ${output}`)
  return output
}

/** Starts a server as the servers' user, in a session of its own, with its output added to a file. */
export const spawnServer = (
  command: string,
  args: ReadonlyArray<string>,
  logFile: string,
  settings: ProgramSettings,
): ChildProcess => {
  const log = openSync(logFile, 'a')
  const child = spawn(command, args, { ...spawnOptions(settings), detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  child.unref()
  return child
}

export const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

/** Resolves once a process has ended. */
export const waitForEnd = async (child: ChildProcess): Promise<void> => {
  if (hasEnded(child)) return
  child.ref()
  await once(child, 'exit')
}

/** Resolves once `isReady`; throws with the log from `logStart` if the process ends first. */
export const waitUntilReady = async (
  child: ChildProcess,
  logFile: string,
  logStart: number,
  isReady: () => boolean | Promise<boolean>,
): Promise<void> => {
  while (!(await isReady())) {
    if (hasEnded(child))
      throw new Error(`a server did not start: ${readFileSync(logFile).subarray(logStart).toString()}`)
    await sleep(10)
  }
}

/** Below the ports that systems give to outgoing connections, so that a server that restarts gets its port again. */
const [portMin, portMax] = [20_000, 32_000]

/** A port of the loopback address that no process listens on at this moment. */
export const findFreePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(portMin, portMax)
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
      server.close()
      await once(server, 'close')
      return port
    } catch {
      // In use, so try another one.
    }
  }
}

/** Writes a file that only the servers' user can read. */
export const writeOwnFile = (path: string, text: string): void => {
  writeFileSync(path, text, { mode: 0o600 })
  const user = findServerUser()
  if (user !== undefined) chownSync(path, user.uid, user.gid)
}
