import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { type CliWorkspace, newWorkspace, workspaceIn } from '../support/cli-workspace.ts'
import { itWherePossible } from '../support/machine/it-where-possible.ts'
import { type Shell, shellMissing, wordsTyped } from './typed-at-a-shell.ts'

/** Longer than a minute, for a busy machine. */
const safetyMs = 120_000

/** Ids with characters that are special in a shell, by their first letters, which are not special. */
const special = {
  run: 'run$(touch${IFS}here)`touch${IFS}here`',
  two: 'two;touch${IFS}here&touch${IFS}here|touch${IFS}here',
  quo: `quo'"\\'"`,
  glob: 'glob*?[a-z]~{a,b}#!1!!<>()^%=$HOME',
  col: 'col:on=equals@at,comma',
  wei: 'weiß→中文',
} as const

const withSpecialTasks = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  for (const id of Object.values(special)) await workspace.done(['add', 'docs', '--', id])
  return workspace
}

/** Types lines in a shell, and checks the words that each completes to. */
const expectTyped = async (
  shell: Shell,
  cwd: string,
  expected: ReadonlyArray<readonly [line: string, words: ReadonlyArray<string>]>,
  env?: Readonly<Record<string, string>>,
): Promise<void> => {
  const lines = expected.map(([line]) => line)
  const words = await wordsTyped(shell, cwd, lines, env)
  expect(lines.map((line, i) => [line, words[i]])).toEqual(expected)
}

for (const shell of ['bash', 'zsh', 'fish'] as const satisfies ReadonlyArray<Shell>)
  describe(`in ${shell}`, () => {
    const it = itWherePossible(shellMissing(shell))

    it(
      'an id with special characters is completed unchanged, quoted or not, and no part of it is executed',
      async () => {
        const { cwd } = await withSpecialTasks()
        const ids = Object.entries(special)
        await expectTyped(shell, cwd, [
          ...ids.map(([letters, id]) => [`claimlog show ${letters}\t`, ['show', id]] as const),
          ...ids.map(([letters, id]) => [`claimlog show '${letters}\t`, ['show', id]] as const),
          ...ids.map(([letters, id]) => [`claimlog show "${letters}\t`, ['show', id]] as const),
          ["claimlog show 'two;t'\t", ['show', special.two]],
          ['claimlog show two\\;t\t', ['show', special.two]],
          ['claimlog show col:o\t', ['show', special.col]],
        ])
        expect(readdirSync(cwd)).toEqual(['.claimlog'])
      },
      safetyMs,
    )

    it(
      'commands, flags and their values are completed at their positions',
      async () => {
        const { cwd, done } = await newWorkspace()
        for (const id of ['alpha', 'beta']) await done(['add', 'docs', id])
        await done(['claim', 'ann', '--task', 'beta'])
        await expectTyped(shell, cwd, [
          ['claimlog unh\talp\t', ['unhold', 'alpha']],
          ['claimlog list --sta\tre\t', ['list', '--status', 'ready']],
          ['claimlog list --status=re\t', ['list', '--status=ready']],
          ['claimlog --dura\tos add do\tx', ['--durability', 'os', 'add', 'docs', 'x']],
          ['claimlog complete \t\t', ['complete', 'ann', 'beta']],
          ['claimlog add docs x --needs alpha,b\t', ['add', 'docs', 'x', '--needs', 'alpha,beta']],
        ])
      },
      safetyMs,
    )

    it(
      'ids come from the workspace in --dir or CLAIMLOG_DIR, and --dir and import complete file names',
      async () => {
        const { cwd, file } = await newWorkspace()
        mkdirSync(join(cwd, 'else where'))
        const elsewhere = workspaceIn(join(cwd, 'else where'))
        await elsewhere.done(['init'])
        await elsewhere.done(['add', 'docs', 'there'])
        file('some tasks.json', '[]')
        const dir = 'else where/.claimlog'
        await expectTyped(shell, cwd, [
          [`claimlog --dir '${dir}' show th\t`, ['--dir', dir, 'show', 'there']],
          ['claimlog show --dir=else\\ where/.claimlog th\t', ['show', `--dir=${dir}`, 'there']],
          ['claimlog show th\t', ['show', 'th']],
          ['claimlog import so\t', ['import', 'some tasks.json']],
        ])
        await expectTyped(shell, cwd, [['claimlog show th\t', ['show', 'there']]], { CLAIMLOG_DIR: elsewhere.dir })
        const named = await wordsTyped(shell, cwd, ['claimlog --dir els\t', 'claimlog --dir=els\t'])
        expect(named.map(words => words.join(' ').replace(/\/$/, ''))).toEqual(['--dir else where', '--dir=else where'])
      },
      safetyMs,
    )
  })
