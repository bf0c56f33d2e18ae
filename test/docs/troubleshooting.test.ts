import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { claimlog, temporaryDirectory } from '../support/claimlog-process.ts'

const page = readFileSync(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8')

type ExitCodeTable = {
  readonly exit_codes: ReadonlyArray<{ readonly exit: number; readonly errors: ReadonlyArray<string> }>
}

test('the troubleshooting page has each error code once, under its exit code', async () => {
  const { stdout } = await claimlog(['help', 'exit-codes', '--json'], { cwd: temporaryDirectory() })
  const { exit_codes: codes } = JSON.parse(stdout) as ExitCodeTable
  const expected = codes.flatMap(({ exit, errors }) => errors.map(word => `${word} ${exit}`))
  const headings = [...page.matchAll(/^### (`.*)$/gm)].map(([, heading = '']) => heading)
  const entries = headings.flatMap(heading =>
    [...heading.matchAll(/((?:`\w+`(?:, )?)+) \(exit (\d+)\)/g)].flatMap(([, named = '', exit = '']) =>
      [...named.matchAll(/`(\w+)`/g)].map(([, word = '']) => `${word} ${exit}`),
    ),
  )
  expect(entries.sort()).toEqual(expected.sort())
})

test('links on the troubleshooting page lead to headings that exist', () => {
  const anchors = [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replace(/\s+/g, '-'),
  )
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor)
  expect(links.filter(link => !anchors.includes(link))).toEqual([])
  expect(links).not.toEqual([])
})
