import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import {
  parseOutput,
  claimlog,
  claimlogPath,
  type ProcessResult,
  temporaryDirectory,
} from '../support/claimlog-process.ts'

/** A folder in which the command line configures agents. */
export type Project = {
  readonly cwd: string
  /** The home directory in the environment of the commands. */
  readonly home: string
  readonly run: (words: ReadonlyArray<string>, env?: Readonly<Record<string, string>>) => Promise<ProcessResult>
  /** Runs `setup` with `words` and `--json`, expects exit code 0, and returns the parsed output. */
  readonly setup: (
    words: ReadonlyArray<string>,
    env?: Readonly<Record<string, string>>,
  ) => Promise<Record<string, unknown>>
  readonly write: (path: string, content: string | Uint8Array) => void
  readonly text: (path: string) => string
  /** Every file in it with its bytes, and every link and empty folder, by path. */
  readonly files: () => Readonly<Record<string, string>>
}

/** The entry of the MCP server in the configuration of an agent's program. */
export type ConfiguredServer = {
  readonly command: string
  readonly args: ReadonlyArray<string>
  readonly cwd?: string
}

/** Creates an empty project that is deleted after the test. */
export const newProject = (): Project => openProject(temporaryDirectory())

/** An existing folder, as a project. */
export const openProject = (cwd: string): Project => {
  const home = temporaryDirectory()
  const run: Project['run'] = (words, env) => claimlog(words, { cwd, env: { HOME: home, ...env } })
  return {
    cwd,
    home,
    run,
    setup: async (words, env) => {
      const result = await run(['setup', ...words, '--json'], env)
      expect({ words, ...result }).toMatchObject({ status: 0, stderr: '' })
      return parseOutput(result)
    },
    write: (path, content) => {
      mkdirSync(dirname(join(cwd, path)), { recursive: true })
      writeFileSync(join(cwd, path), content)
    },
    text: path => readFileSync(join(cwd, path), 'utf8'),
    files: () => listFiles(cwd, ''),
  }
}

const listFiles = (root: string, folder: string): Readonly<Record<string, string>> => {
  const names = readdirSync(join(root, folder)).filter(name => name !== '.claimlog')
  if (names.length === 0 && folder !== '') return { [`${folder}/`]: 'empty' }
  return Object.assign(
    {},
    ...names.map(name => {
      const path = folder === '' ? name : `${folder}/${name}`
      const stats = lstatSync(join(root, path))
      if (stats.isDirectory()) return listFiles(root, path)
      const isFile = statSync(join(root, path), { throwIfNoEntry: false })?.isFile() === true
      return { [path]: isFile ? readFileSync(join(root, path), 'latin1') : 'a link' }
    }),
  ) as Readonly<Record<string, string>>
}

/** The files that setup writes for each agent. */
export const agentFiles: Readonly<Record<string, ReadonlyArray<string>>> = {
  'claude-code': ['.mcp.json', '.claude/settings.json', 'CLAUDE.md'],
  codex: ['.codex/config.toml', '.codex/hooks.json', 'AGENTS.md'],
  cursor: ['.cursor/mcp.json', '.cursor/hooks.json', 'AGENTS.md'],
  gemini: ['.gemini/settings.json', 'GEMINI.md'],
  vscode: ['.vscode/mcp.json', '.github/hooks/claimlog.json', 'AGENTS.md'],
  'agents-md': ['AGENTS.md'],
}

/** The command that runs the claimlog of the tests, because it is not on the PATH. */
export const claimlogCommand = [process.execPath, claimlogPath]
