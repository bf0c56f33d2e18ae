import { spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'

/** The directories of a soak test. */
export type SoakDirs = {
  /** The repository. */
  readonly root: string
  /** A folder for all files of the test. */
  readonly scratch: string
}

export const workspaceDir = ({ scratch }: SoakDirs): string => join(scratch, 'workspace')

/** The folder of the journals: one file per run of the command. */
export const journalsDir = ({ scratch }: SoakDirs): string => join(scratch, 'journals')

/** The folder of marker files that a run of the command leaves for a later one. */
export const markersDir = ({ scratch }: SoakDirs): string => join(scratch, 'markers')

/** The folder of temporary files of workers and their commands. */
export const temporaryDir = ({ scratch }: SoakDirs): string => join(scratch, 'tmp')

export const commandPath = ({ root }: SoakDirs): string => join(root, 'test', 'soak', 'command.sh')

/** The built command line. */
export const claimlogPath = ({ root }: SoakDirs): string => join(root, 'packages', 'claimlog', 'bin', 'claimlog.cjs')

/** Appends a note with the time to a file, for debugging a failed test. */
export const appendNote = ({ scratch }: SoakDirs, text: string): void =>
  appendFileSync(join(scratch, 'notes.txt'), `${new Date().toISOString()} ${text}\n`)

/** The environment of all processes, plus `additions`. Settings for claimlog from outside are removed. */
export const createEnvironment = (
  dirs: SoakDirs,
  additions: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(CLAIMLOG_.*|SOAK_.*|NO_COLOR|FORCE_COLOR)$/.test(name)),
  ),
  CLAIMLOG_DIR: workspaceDir(dirs),
  TMPDIR: temporaryDir(dirs),
  SOAK_NODE: process.execPath,
  SOAK_CLAIMLOG: claimlogPath(dirs),
  SOAK_JOURNALS: journalsDir(dirs),
  SOAK_MARKERS: markersDir(dirs),
  ...additions,
})

export type SoakCommandRun = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

/** Runs `claimlog` with `words` until it exits. */
export const runClaimlog = (dirs: SoakDirs, words: ReadonlyArray<string>, input = ''): Promise<SoakCommandRun> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [claimlogPath(dirs), ...words], { env: createEnvironment(dirs) })
    const [stdout, stderr]: [Array<Buffer>, Array<Buffer>] = [[], []]
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', reject)
    child.on('close', status =>
      resolve({ status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    )
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
