import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { type CliWorkspace, newWorkspace, cliWorkspace } from '../support/cli-workspace.ts'
import { itIfPossible } from '../support/machine/it-if-possible.ts'
import { type TestedShell, shellSkipReason, typeLines } from './type-at-shell.ts'

/** Longer than a minute, for a busy machine. */
const timeoutMs = 120_000

/** Ids with characters that are special in a shell, by their first letters, which are not special. */
const specialIds = {
  run: 'run$(touch${IFS}here)`touch${IFS}here`',
  two: 'two;touch${IFS}here&touch${IFS}here|touch${IFS}here',
  quo: `quo'"\\'"`,
  glob: 'glob*?[a-z]~{a,b}#!1!!<>()^%=$HOME',
  col: 'col:on=equals@at,comma',
  wei: 'weiß→中文',
} as const

const workspaceWithSpecialIds = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  for (const id of Object.values(specialIds)) await workspace.runOk(['add', 'docs', '--', id])
  return workspace
}

/** Types lines in a shell, and checks the words that each completes to. */
const expectCompleted = async (
  shell: TestedShell,
  cwd: string,
  expected: ReadonlyArray<readonly [line: string, words: ReadonlyArray<string>]>,
  env?: Readonly<Record<string, string>>,
): Promise<void> => {
  const lines = expected.map(([line]) => line)
  const words = await typeLines(shell, cwd, lines, env)
  expect(lines.map((line, i) => [line, words[i]])).toEqual(expected)
}

for (const shell of ['bash', 'zsh', 'fish'] as const satisfies ReadonlyArray<TestedShell>)
  describe(`in ${shell}`, () => {
    const it = itIfPossible(shellSkipReason(shell))

    it(
      'an id with special characters is completed unchanged, quoted or not, and no part of it is executed',
      async () => {
        const { cwd } = await workspaceWithSpecialIds()
        const ids = Object.entries(specialIds)
        await expectCompleted(shell, cwd, [
          ...ids.map(([letters, id]) => [`claimlog show ${letters}\t`, ['show', id]] as const),
          ...ids.map(([letters, id]) => [`claimlog show '${letters}\t`, ['show', id]] as const),
          ...ids.map(([letters, id]) => [`claimlog show "${letters}\t`, ['show', id]] as const),
          ["claimlog show 'two;t'\t", ['show', specialIds.two]],
          ['claimlog show two\\;t\t', ['show', specialIds.two]],
          ['claimlog show col:o\t', ['show', specialIds.col]],
        ])
        expect(readdirSync(cwd)).toEqual(['.claimlog'])
      },
      timeoutMs,
    )

    it(
      'commands, flags and their values are completed at their positions',
      async () => {
        const { cwd, runOk } = await newWorkspace()
        for (const id of ['alpha', 'beta']) await runOk(['add', 'docs', id])
        await runOk(['claim', 'ann', '--task', 'beta'])
        await expectCompleted(shell, cwd, [
          ['claimlog unh\talp\t', ['unhold', 'alpha']],
          ['claimlog list --sta\tre\t', ['list', '--status', 'ready']],
          ['claimlog list --status=re\t', ['list', '--status=ready']],
          ['claimlog --dura\tos add do\tx', ['--durability', 'os', 'add', 'docs', 'x']],
          ['claimlog complete \t\t', ['complete', 'ann', 'beta']],
          ['claimlog add docs x --needs alpha,b\t', ['add', 'docs', 'x', '--needs', 'alpha,beta']],
        ])
      },
      timeoutMs,
    )

    it(
      'ids come from the workspace in --dir or CLAIMLOG_DIR, and --dir and import complete file names',
      async () => {
        const { cwd, writeFile } = await newWorkspace()
        mkdirSync(join(cwd, 'else where'))
        const elsewhere = cliWorkspace(join(cwd, 'else where'))
        await elsewhere.runOk(['init'])
        await elsewhere.runOk(['add', 'docs', 'there'])
        writeFile('some tasks.json', '[]')
        const dir = 'else where/.claimlog'
        await expectCompleted(shell, cwd, [
          [`claimlog --dir '${dir}' show th\t`, ['--dir', dir, 'show', 'there']],
          ['claimlog show --dir=else\\ where/.claimlog th\t', ['show', `--dir=${dir}`, 'there']],
          ['claimlog show th\t', ['show', 'th']],
          ['claimlog import so\t', ['import', 'some tasks.json']],
        ])
        await expectCompleted(shell, cwd, [['claimlog show th\t', ['show', 'there']]], { CLAIMLOG_DIR: elsewhere.dir })
        const named = await typeLines(shell, cwd, ['claimlog --dir els\t', 'claimlog --dir=els\t'])
        expect(named.map(words => words.join(' ').replace(/\/$/, ''))).toEqual(['--dir else where', '--dir=else where'])
      },
      timeoutMs,
    )
  })
