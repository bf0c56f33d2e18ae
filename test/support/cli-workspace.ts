import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { answer, claimlog, type Finished, type Surroundings, temporaryDirectory } from './claimlog-process.ts'

/** A parsed line of `events.jsonl`. */
export type LogLine = { readonly seq: number; readonly event: string; readonly time: string } & Record<string, unknown>

/** A directory with a workspace in its `.claimlog`, changed only through the command line. */
export type CliWorkspace = {
  /** The directory in which the commands run. */
  readonly cwd: string
  /** The directory that holds `events.jsonl`. */
  readonly dir: string
  readonly run: (words: ReadonlyArray<string>, surroundings?: Partial<Surroundings>) => Promise<Finished>
  /** Runs a command that must exit with 0; returns the document that it printed. */
  readonly done: (words: ReadonlyArray<string>, input?: string) => Promise<Record<string, unknown>>
  /** A file of the workspace, as text. */
  readonly text: (name: 'events.jsonl' | 'queue.json' | 'queue.edited.json' | 'queue.ahead.json') => string
  readonly events: () => ReadonlyArray<LogLine>
  /** Writes a file next to the workspace; returns its name. */
  readonly file: (name: string, content: string | Uint8Array) => string
}

/** The workspace in the `.claimlog` of `cwd`. */
export const workspaceIn = (cwd: string): CliWorkspace => {
  const dir = join(cwd, '.claimlog')
  const run: CliWorkspace['run'] = (words, surroundings) => claimlog(words, { cwd, ...surroundings })
  const text: CliWorkspace['text'] = name => readFileSync(join(dir, name), 'utf8')
  return {
    cwd,
    dir,
    run,
    done: async (words, input) => {
      const finished = await run(words, input === undefined ? {} : { input })
      expect({ words, ...finished }).toMatchObject({ status: 0, stderr: '' })
      return answer(finished)
    },
    text,
    events: () =>
      text('events.jsonl')
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line) as LogLine),
    file: (name, content) => {
      writeFileSync(join(cwd, name), content)
      return name
    },
  }
}

/** A new, empty workspace, deleted after the test. */
export const newWorkspace = async (): Promise<CliWorkspace> => {
  const workspace = workspaceIn(temporaryDirectory())
  await workspace.done(['init'])
  return workspace
}

/** JSON as claimlog prints it for programs: indented by 2, with a line break at the end. */
export const document = (data: unknown): string => `${JSON.stringify(data, null, 2)}\n`

/** Tasks in the format that `add -` reads: one JSON object per line. */
export const ndjson = (...tasks: ReadonlyArray<object>): string =>
  tasks.map(task => `${JSON.stringify(task)}\n`).join('')
