import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/**
 * One step of a transcript: the remarks before it, the command line, and its output.
 * @typedef {{ remarks: string[], command: string, output: string }} Step
 */

/**
 * Parses the steps of the `console` blocks in a Markdown text: `# …` is a remark, `$ …` a command, and the lines up to
 * the next of these are its output.
 * @param {string} markdown
 * @returns {Step[]}
 */
export const parseSteps = markdown => {
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
 * Runs `work` in a temporary directory with only the files of the quick tour.
 * @template A
 * @param {(dir: string) => A} work
 * @returns {A}
 */
export const withTourDirectory = work => {
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
 * Runs one line in a shell in `dir`; returns what a terminal would show, and the exit code.
 * @param {string} dir
 * @param {string} command
 * @returns {{ output: string, status: number | null }}
 */
export const runCommand = (dir, command) => {
  const path = `${join(dirname(dir), 'bin')}:${dirname(process.execPath)}:${process.env.PATH}`
  const { CLAIMLOG_DIR: _dir, CLAIMLOG_BY: _by, NODE_EXTRA_CA_CERTS: _certificates, ...env } = process.env
  const { stdout, stderr, status } = spawnSync('sh', ['-c', command], {
    cwd: dir,
    env: { ...env, PATH: path, NO_COLOR: '1' },
    encoding: 'utf8',
  })
  // Replace the temporary directory by a plausible one.
  return { output: (stdout + stderr).replaceAll(realpathSync(dir), '/home/ann/project'), status }
}
