import { execFileSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { claimlogPath, cleanEnvironment, temporaryDirectory } from '../claimlog-process.ts'

const gitEnvironment = (home: string): NodeJS.ProcessEnv => ({
  ...cleanEnvironment(),
  ...{ HOME: home, GIT_CONFIG_NOSYSTEM: '1', GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.com' },
  ...{ GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.com', GIT_EDITOR: 'true' },
})

/** Runs git without the configuration of the machine; throws if it fails. */
export const git = (cwd: string, ...args: ReadonlyArray<string>): string =>
  execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: gitEnvironment(cwd) })

/** An empty repository, deleted after the test. */
export const newRepository = (): string => {
  const root = realpathSync(temporaryDirectory())
  git(root, 'init', '-q', '-b', 'main')
  return root
}

/** The commands in a message: indented lines that start with git, printf, cp, mv or claimlog. */
export const findCommands = (text: string): ReadonlyArray<string> =>
  text
    .split('\n')
    .filter(line => /^ +(git|printf|cp|mv|claimlog) /.test(line))
    .map(line => line.trim())

/** Runs a command as if a person pasted it into a shell that knows `claimlog`; returns its stdout. */
export const runShell = (cwd: string, command: string): string =>
  execFileSync('sh', ['-c', `claimlog() { "${process.execPath}" "${claimlogPath}" "$@"; }; ${command}`], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...gitEnvironment(cwd), PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` },
  })
