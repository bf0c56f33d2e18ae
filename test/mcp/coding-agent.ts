import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import { claimlogPath, cleanEnvironment } from '../support/claimlog-process.ts'
import type { ToolAnswer } from '../support/mcp-agent.ts'

const program = fileURLToPath(new URL('../programs/coding-agent.mjs', import.meta.url))

/** An agent that runs as a separate process, together with the processes that it starts. */
export type CodingAgent = {
  readonly startServer: () => Promise<void>
  readonly stopServer: () => Promise<void>
  readonly call: (name: string, args?: object) => Promise<ToolAnswer>
  /** Runs a claimlog command in the agent's shell and returns its output. */
  readonly shell: (command: string, directory?: string) => Promise<string>
  /** Its name according to `prime`. */
  readonly name: () => Promise<string>
  readonly kill: () => Promise<void>
}

/** Starts an agent whose client name is `client`, without its server. */
export const startCodingAgent = (
  cwd: string,
  client: string,
  env: Readonly<Record<string, string>> = {},
): CodingAgent => {
  const server = { command: process.execPath, args: [claimlogPath, 'mcp'] }
  const child = spawn(process.execPath, [program, client, JSON.stringify(server)], {
    cwd,
    env: cleanEnvironment(env),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const servers: Array<number> = []
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await expect.poll(() => servers.filter(isRunning), { timeout: 30_000 }).toEqual([])
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const send = async (instruction: object): Promise<Record<string, unknown>> => {
    child.stdin.write(`${JSON.stringify(instruction)}\n`)
    const next = await lines.next()
    return JSON.parse(String(next.value)) as Record<string, unknown>
  }
  const shell: CodingAgent['shell'] = async (command, directory = cwd) => {
    const script = `cd '${directory}' && '${process.execPath}' '${claimlogPath}' ${command}`
    const { stdout, stderr, status } = await send({ sh: script })
    expect({ command, stderr, status }).toEqual({ command, stderr: '', status: 0 })
    return String(stdout)
  }
  return {
    startServer: async () => void servers.push(Number((await send({ start: true })).started)),
    stopServer: async () => expect(await send({ stop: true })).toEqual({ stopped: 0 }),
    call: (name, args) => send({ call: name, args }),
    shell,
    name: async () => parseAgentName(await shell('prime')),
    kill: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The name at the beginning of a text of `prime`. */
export const parseAgentName = (text: string): string => /^You are (\S+)\.\n/.exec(text)?.[1] ?? `no name: ${text}`
