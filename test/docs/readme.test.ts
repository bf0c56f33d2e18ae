import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { withTourDirectory, parseSteps, runCommand } from '../demo/transcript.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const sections = readme.split(/^(?=## )/m)

/** Masks values that differ from run to run: times, durations, ids, hashes. */
const maskVolatile = (output: string): string =>
  output
    .replace(/\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d\.\d{3}Z)?/g, 'TIME')
    .replace(/\b\d\d:\d\d:\d\d(\.\d{3})?\b/g, 'TIME')
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UUID')
    .replace(/\b[0-9a-f]{32}\b/g, 'HASH')
    .replace(/\b\d+(\.\d)? ?(ms|s|m|h)( \d+s)?\b/g, 'DURATION')
    // A step that takes less than a millisecond is left out.
    .replace(/^ +(waited|ran|was on hold) DURATION\n/gm, '')
    // The width of a column or a bar depends on durations.
    .replace(/[░█▒┄]+/g, 'BAR')
    .replace(/ {2,}/g, '  ')
    .replace(/ +$/gm, '')

/** Two commands that run at once can finish in either order. */
const sortDocuments = (output: string): string =>
  output
    .split(/^(?=\{$)/m)
    .map(document => document.replace(/"(token|seq)": \d+/g, '"$1": N'))
    .sort()
    .join('')

describe('the README', () => {
  for (const section of sections.filter(text => text.includes('```console')))
    it(`shows the actual output of the commands of "${section.split('\n')[0]?.slice(3)}"`, () => {
      withTourDirectory(dir => {
        const steps = parseSteps(section)
        expect(steps.length).toBeGreaterThan(5)
        for (const { command, output } of steps) {
          const normalize = command.includes(' & ') ? (text: string) => sortDocuments(maskVolatile(text)) : maskVolatile
          expect({ command, output: normalize(runCommand(dir, command).output) }).toEqual({
            command,
            output: normalize(output),
          })
        }
      })
    })

  it('shows a program that runs unchanged', () => {
    const program = /^```js\n(.*?)^```$/ms.exec(readme)?.[1] ?? ''
    // Next to the packages, where its imports resolve as in a project that depends on them.
    const home = mkdtempSync(join(root, 'test', 'node_modules', '.readme-'))
    try {
      withTourDirectory(dir => {
        runCommand(dir, 'claimlog init && claimlog import queue.json')
        const path = join(home, 'program.mjs')
        writeFileSync(path, program)
        const result = spawnSync(process.execPath, [path], { cwd: dir, encoding: 'utf8' })
        expect(result.stderr).toBe('')
        expect(maskVolatile(result.stdout)).toBe('working on inspect-docs until TIME\n1 done\n')
        expect(runCommand(dir, 'claimlog list --status done').output).toContain('inspect-docs')
      })
    } finally {
      rmSync(home, { recursive: true })
    }
  })

  it('names every command', () => {
    const { stdout } = spawnSync(process.execPath, [join(root, 'packages/cli/bin/claimlog.cjs'), '--help'], {
      encoding: 'utf8',
    })
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) .*? {2,}/gm)].map(([, name]) => name)
    expect(commands.length).toBeGreaterThan(16)
    for (const name of commands.filter(name => name !== 'claimlog' && name !== 'help'))
      expect(readme).toMatch(new RegExp(`\`${name}\\b`))
  })

  it('shows the output of `npm run demo`', () => {
    const demo = execFileSync('npm', ['run', '--silent', 'demo'], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    })
    for (const { command } of parseSteps(sections.find(text => text.startsWith('## Quick tour')) ?? ''))
      expect(demo).toContain(`$ ${command}\n`)
    expect(demo).toContain('the same bytes\n')
    expect(demo).toContain('"error": "no_ready_task"')
  })
})
