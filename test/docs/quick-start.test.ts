import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import { root } from '../../scripts/docs/page-directory.mjs'
import { readQuickStart } from '../../scripts/docs/quick-start.mjs'
import { headersSkipReason, newestReleases, thisNode } from '../packed/node-releases.ts'
import { cleanEnvironment, temporaryDirectory } from '../support/claimlog-process.ts'
import { cliWorkspace } from '../support/cli-workspace.ts'
import { itIfPossible, type MissingReason, programMissing } from '../support/machine/it-if-possible.ts'

const skipReason: MissingReason =
  programMissing('python3', '-c', 'import pty') ??
  ((await newestReleases(0)) === undefined ? 'no registry is reachable' : headersSkipReason(thisNode))
const terminal = fileURLToPath(new URL('../programs/on-a-terminal.py', import.meta.url))
const prompt = 'ready> '

/** A `sleep` that ends when three tasks are claimed, so that a worker that starts late gets one, too. */
const sleepUntilClaimed = `#!/bin/sh
while [ "$(grep -c '"event":"claimed"' "$CLAIMLOG_DIR/events.jsonl")" -lt 3 ]; do /bin/sleep 0.05; done
`

/** A new user's machine: a home without settings, an empty npm prefix, a clone of this repository. */
const newMachine = () => {
  const dir = temporaryDirectory()
  const makeFolder = (name: string): string => {
    mkdirSync(join(dir, name), { recursive: true })
    return join(dir, name)
  }
  const [clone, prefix, bin, tmp] = [makeFolder('clone'), makeFolder('prefix'), makeFolder('bin'), makeFolder('tmp')]
  makeFolder('clone/packages')
  symlinkSync(join(root, 'packages/claimlog'), join(clone, 'packages/claimlog'))
  writeFileSync(join(bin, 'sleep'), sleepUntilClaimed, { mode: 0o755 })
  const env = cleanEnvironment({
    HOME: makeFolder('home'),
    TMPDIR: tmp,
    TERM: 'dumb',
    PS1: prompt,
    PATH: [join(prefix, 'bin'), bin, dirname(process.execPath), process.env.PATH].join(delimiter),
    // The registry's certificate may be one that only this machine knows.
    ...(process.env.NODE_EXTRA_CA_CERTS && { NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS }),
    npm_config_prefix: prefix,
    npm_config_nodedir: thisNode.folder,
    npm_config_userconfig: process.env.npm_config_userconfig ?? join(homedir(), '.npmrc'),
  })
  return { clone, tmp, env }
}

/** Pastes lines into a shell on a terminal; returns what it shows, and how long it took until each prompt. */
const paste = (
  shell: ReadonlyArray<string>,
  lines: ReadonlyArray<string>,
  { clone, env }: ReturnType<typeof newMachine>,
): Promise<{ readonly shown: string; readonly durations: ReadonlyArray<number> }> =>
  new Promise((resolve, reject) => {
    const child = spawn('python3', [terminal, '40', '100', ...shell], { cwd: clone, env })
    onTestFinished(() => void child.kill('SIGKILL'))
    let [shown, promptedAt] = ['', 0]
    const durations: Array<number> = []
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString()
      if (chunk.includes(prompt)) {
        if (promptedAt !== 0) durations.push(Date.now() - promptedAt)
        promptedAt = Date.now()
      }
    })
    child.on('error', reject)
    child.on('close', () => resolve({ shown, durations }))
    child.stdin.write(`${[...lines, 'exit'].join('\n')}\n`)
  })

const shells = [
  ['bash', '--noprofile', '--norc', '-i'],
  ['dash', '-i'],
]
for (const shell of shells)
  itIfPossible(skipReason ?? programMissing(shell[0] ?? '', '-c', 'true'))(
    `the README's quick start, pasted into ${shell[0]}, has three workers finish three tasks`,
    async () => {
      const machine = newMachine()
      const { shown, durations } = await paste(shell, readQuickStart(), machine)
      process.stdout.write(`${shown}\n`)
      process.stdout.write(`quick start in ${shell[0]}, ms until each prompt: ${durations.join(' ')}\n`)

      const [folder = ''] = readdirSync(machine.tmp).filter(name => existsSync(join(machine.tmp, name, '.claimlog')))
      expect(folder, shown).not.toBe('')
      const events = cliWorkspace(join(machine.tmp, folder)).readEvents()
      const list = (event: string, field: string): ReadonlyArray<unknown> =>
        events
          .filter(each => each.event === event)
          .map(each => each[field])
          .sort()
      const tasks = list('added', 'task_id')
      expect(tasks).toHaveLength(3)
      expect({
        claimed: list('claimed', 'task_id'),
        workers: list('claimed', 'worker'),
        completed: list('completed', 'task_id'),
        failed: list('failed', 'task_id'),
      }).toEqual({ claimed: tasks, workers: ['ann', 'bob', 'cid'], completed: tasks, failed: [] })
      for (const task of tasks) expect(shown).toMatch(new RegExp(`^${String(task)} +docs +done`, 'm'))
    },
    600_000,
  )
