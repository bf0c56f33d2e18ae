import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/**
 * One step of a transcript: remarks that stand before it, the line as a person types it, and what it prints.
 * @typedef {{ remarks: string[], command: string, output: string }} Step
 */

/**
 * The steps of the `console` blocks in a Markdown text, in their order: `# …` is a remark, `$ …` a command, and what
 * follows up to the next of these is its output.
 * @param {string} markdown
 * @returns {Step[]}
 */
export const stepsIn = markdown => {
  /** @type {Step[]} */
  const steps = []
  /** @type {string[]} */
  let remarks = []
  for (const [, block] of markdown.matchAll(/^```console\n(.*?)^```$/gms))
    for (const line of block.trimEnd().split('\n')) {
      const step = steps.at(-1)
      if (line.startsWith('# ')) remarks.push(line)
      else if (line.startsWith('$ ')) {
        steps.push({ remarks, command: line.slice(2), output: '' })
        remarks = []
      } else if (step !== undefined && remarks.length === 0) step.output += `${line}\n`
    }
  return steps
}

/**
 * Runs `work` in a directory that holds the files of the walk and nothing else; removed afterwards.
 * @template A
 * @param {(dir: string) => A} work
 * @returns {A}
 */
export const inEmptyDirectory = work => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-walk-'))
  try {
    const home = join(dir, 'walk')
    mkdirSync(home)
    mkdirSync(join(dir, 'bin'))
    symlinkSync(join(root, 'packages/cli/bin/claimlog.cjs'), join(dir, 'bin/claimlog'))
    for (const files of ['lab', 'walk']) cpSync(join(root, 'fixtures', files), home, { recursive: true })
    return work(home)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

/**
 * Types one line into a shell in `dir`; answers with what a terminal would show, and the exit code.
 * @param {string} dir
 * @param {string} command
 * @returns {{ output: string, status: number | null }}
 */
export const type = (dir, command) => {
  const path = `${join(dirname(dir), 'bin')}:${dirname(process.execPath)}:${process.env.PATH}`
  const { CLAIMLOG_DIR: _dir, CLAIMLOG_BY: _by, NODE_EXTRA_CA_CERTS: _certificates, ...env } = process.env
  const { stdout, stderr, status } = spawnSync('sh', ['-c', command], {
    cwd: dir,
    env: { ...env, PATH: path, NO_COLOR: '1' },
    encoding: 'utf8',
  })
  // The directory is another one each time; a reader sees one that could be theirs.
  return { output: (stdout + stderr).replaceAll(realpathSync(dir), '/home/ann/project'), status }
}
