import { describe, expect, it } from 'vitest'
import { maskOutput } from '../../scripts/docs/mask-output.mjs'
import { parsePage } from '../../scripts/docs/parse-page.mjs'
import { compareOutputs, runGroup } from '../../scripts/docs/run-group.mjs'

/** A fenced block. */
const block = (language: string, ...lines: ReadonlyArray<string>): string =>
  ['```' + language, ...lines, '```', ''].join('\n')

/** Joins paragraphs to a page. */
const page = (...parts: ReadonlyArray<string>): string => parts.join('\n\n')

/** Runs the only group of a page; returns the lines whose output differs, and the problems. */
const check = async (...parts: ReadonlyArray<string>) => {
  const { groups, problems } = parsePage(page(...parts))
  const [group] = groups
  if (group === undefined || groups.length > 1) throw new Error(`${groups.length} groups`)
  const result = await runGroup(group)
  const { shown, actual } = compareOutputs(group, result)
  const wrong = shown.filter(({ output }, i) => output !== actual[i]?.output)
  return { wrong: wrong.map(({ command }) => command), problems: [...problems, ...result.problems] }
}
const correct = { wrong: [], problems: [] }

describe('a block of a page', () => {
  it.each([
    ['js', 'line 1: a js block without a file name'],
    ['console', 'line 1: a console block without a command'],
  ])('in %s that is neither run nor marked is a problem', (language, problem) => {
    expect(parsePage(block(language, 'await work()')).problems).toEqual([expect.stringContaining(problem)])
  })

  it('is a problem if no command runs its program', () => {
    const program = block('js', '// worker.mjs', 'work()')
    expect(parsePage(program).problems).toEqual(['line 1: no command runs worker.mjs'])
    expect(parsePage(page(program, block('console', '$ node worker.mjs'))).problems).toEqual([])
  })

  it('may be marked with a reason, or with the test that runs it, but not without', () => {
    const script = block('sh', 'false')
    const isRun = (comment: string): boolean => parsePage(page(comment, script)).groups.length === 1
    expect(['<!-- not run: installs -->', '<!-- run by test/a.test.ts -->'].map(isRun)).toEqual([false, false])
    expect(['<!-- not run: -->', '<!-- not run -->', '<!-- a remark -->'].map(isRun)).toEqual([true, true, true])
  })

  it('is data if its language is no program; json must be JSON', () => {
    const data = page(block('sql', 'select 1'), block('', 'a picture'), block('json', '{"a": 1}'))
    expect(parsePage(data)).toEqual({ groups: [], problems: [] })
    expect(parsePage(block('json', '{"a": …}')).problems).toEqual([expect.stringContaining('not JSON')])
  })
})

describe('a page', () => {
  it('runs its blocks in one directory and one shell', async () => {
    expect(
      await check(
        '<!-- file: data/names.json -->',
        block('json', '["ann", "bob"]'),
        block('ts', '// count.ts', 'export const count = (names: string[]): number => names.length'),
        block(
          'js',
          '// show.mjs',
          "import { readFileSync } from 'node:fs'",
          "console.log(readFileSync('../data/names.json', 'utf8'))",
        ),
        block('sh', 'export NAME=ann', 'mkdir deep && cd deep'),
        block(
          'console',
          '$ node ../show.mjs',
          '["ann", "bob"]',
          '',
          '$ echo "$NAME" in "$PWD"',
          'ann in /home/ann/project/deep',
        ),
        block('console', '$ for name in a b; do', '>   echo "$name"', '> done', 'a', 'b', '$ sleep 60 &', '$ kill $!'),
      ),
    ).toEqual(correct)
  })

  it('finds the packages that a project would install', async () => {
    const program = [
      "import { open } from 'claimlog'",
      "import * as E from 'fp-ts/lib/Either.js'",
      'console.log(typeof open, E.isRight(E.right(1)))',
    ]
    expect(
      await check(
        block('js', '// program.mjs', ...program),
        block('ts', ...program.map(line => line.replace('typeof open', 'await open()'))),
        block('console', '$ node program.mjs', 'function true'),
      ),
    ).toEqual(correct)
  })

  it('starts again where it says so', () => {
    const parts = [block('console', '$ ls'), '<!-- new directory -->', '# Second', block('console', '$ ls')]
    expect(parsePage(page(...parts)).groups.map(({ blocks }) => blocks[0]?.heading)).toEqual(['', 'Second'])
  })

  it('fails if a command prints something else, or nothing', async () => {
    const wrong = ['echo one', 'true']
    expect(await check(block('console', '$ echo one', 'two', '$ true', 'something'))).toEqual({ wrong, problems: [] })
  })

  it('fails if a line of a script fails', async () => {
    const { problems } = await check(block('sh', 'echo begin', 'false', 'echo end'))
    expect(problems).toEqual(['line 1: the script failed with exit code 1\nbegin\n'])
  })

  it('fails if a command has a syntax error, and continues', async () => {
    expect(await check(block('console', '$ if', '$ echo one', 'one'))).toEqual({ wrong: ['if'], problems: [] })
  })

  it('fails if TypeScript has a type error, also under exactOptionalPropertyTypes', async () => {
    const { problems } = await check(
      block('ts', 'const n: number = "one"', 'export const m: { a?: 1 } = { a: undefined }'),
    )
    expect(problems).toEqual([
      expect.stringContaining("'string' is not assignable"),
      expect.stringContaining('exactOptional'),
    ])
  })
})

describe('the comparison', () => {
  it('masks times, durations, ids and hashes, and nothing else', () => {
    const [first, second] = [
      'seq 12 at 2026-11-30T17:00:04.788Z, 14m 59s left, e227160523772f31a0d86ad5f33bba90',
      'seq 12 at 2027-01-01T00:00:00.000Z, 13m 2s left, a227160523772f31a0d86ad5f33bba91',
    ]
    const mask = (text: string): string => maskOutput({ command: 'claimlog list' }, text)
    expect(mask(first)).toBe(mask(second))
    expect(mask(first)).not.toBe(mask(first.replace('12', '13')))
  })

  it('ignores the order of lines only of commands that run at the same time', () => {
    const mask = (command: string, text: string): string => maskOutput({ command }, text)
    expect(mask('a & b; wait', 'one\ntwo\n')).toBe(mask('a & b; wait', 'two\none\n'))
    for (const command of ['a && b', 'a 2>&1', 'a &>file', 'a'])
      expect(mask(command, 'one\ntwo\n')).not.toBe(mask(command, 'two\none\n'))
  })

  it('exchanges the names that a page calls interchangeable', async () => {
    const names = '<!-- interchangeable: ann bob -->'
    expect(await check(names, block('console', '$ echo ann has it', 'bob has it'))).toEqual(correct)
  })
})
