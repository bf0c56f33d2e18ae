import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import {
  parseOutput,
  claimlog,
  type ProcessResult,
  type ProcessOptions,
  temporaryDirectory,
} from './claimlog-process.ts'

/** A parsed line of `events.jsonl`. */
export type CliLogLine = { readonly seq: number; readonly event: string; readonly time: string } & Record<
  string,
  unknown
>

/** A directory with a workspace in its `.claimlog`, changed only through the command line. */
export type CliWorkspace = {
  /** The directory in which the commands run. */
  readonly cwd: string
  /** The directory that holds `events.jsonl`. */
  readonly dir: string
  readonly run: (args: ReadonlyArray<string>, options?: Partial<ProcessOptions>) => Promise<ProcessResult>
  /** Runs a command that must exit with 0; returns the document that it printed. */
  readonly runOk: (args: ReadonlyArray<string>, input?: string) => Promise<Record<string, unknown>>
  /** A file of the workspace, as text. */
  readonly readText: (name: 'events.jsonl' | 'queue.json' | 'queue.edited.json' | 'queue.ahead.json') => string
  readonly readEvents: () => ReadonlyArray<CliLogLine>
  /** Writes a file next to the workspace; returns its name. */
  readonly writeFile: (name: string, content: string | Uint8Array) => string
}

/** The workspace in the `.claimlog` of `cwd`. */
export const cliWorkspace = (cwd: string): CliWorkspace => {
  const dir = join(cwd, '.claimlog')
  const run: CliWorkspace['run'] = (args, options) => claimlog(args, { cwd, ...options })
  const readText: CliWorkspace['readText'] = name => readFileSync(join(dir, name), 'utf8')
  return {
    cwd,
    dir,
    run,
    runOk: async (args, input) => {
      const result = await run(args, input === undefined ? {} : { input })
      expect({ args, ...result }).toMatchObject({ status: 0, stderr: '' })
      return parseOutput(result)
    },
    readText,
    readEvents: () =>
      readText('events.jsonl')
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line) as CliLogLine),
    writeFile: (name, content) => {
      writeFileSync(join(cwd, name), content)
      return name
    },
  }
}

/** A new, empty workspace, deleted after the test. */
export const newWorkspace = async (): Promise<CliWorkspace> => {
  const workspace = cliWorkspace(temporaryDirectory())
  await workspace.runOk(['init'])
  return workspace
}

/** JSON as claimlog prints it for programs: indented by 2, with a line break at the end. */
export const formatDocument = (data: unknown): string => `${JSON.stringify(data, null, 2)}\n`

/** Tasks in the format that `add -` reads: one JSON object per line. */
export const ndjson = (...tasks: ReadonlyArray<object>): string =>
  tasks.map(task => `${JSON.stringify(task)}\n`).join('')
