import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { JSDOM } from 'jsdom'
import { expect, it } from 'vitest'
import { maskOutput } from '../../scripts/docs/mask-output.mjs'
import { root } from '../../scripts/docs/page-directory.mjs'
import { drawQuickStart } from '../../scripts/docs/quick-start.mjs'
import { itIfPossible, programMissing } from '../support/machine/it-if-possible.ts'

const picture = readFileSync(join(root, 'docs/quick-start.svg'), 'utf8')
const parse = (svg: string): Document => new JSDOM(svg, { contentType: 'image/svg+xml' }).window.document

/**
 * The texts of a picture, masked. The three workers start at the same time: the order of their lines, and which of them
 * gets which task, differ from run to run.
 */
const readTexts = (svg: string): ReadonlyArray<string> => {
  const texts = [...parse(svg).querySelectorAll('title, desc, text')].map(each =>
    [...each.childNodes].map(part => (part.textContent ?? '').trim()).join(' '),
  )
  const step = { command: 'work &', interchangeable: ['ann', 'bob', 'cid'] }
  return maskOutput(step, texts.join('\n')).split('\n')
}

itIfPossible(programMissing('python3', '-c', 'import pty'))(
  'the picture of the quick start shows what the commands print',
  async () => expect(readTexts(picture)).toEqual(readTexts(await drawQuickStart())),
)

it('the picture of the quick start is text in both colour schemes, needs no other file, and fits into a page', () => {
  const document = parse(picture)
  expect(document.querySelectorAll('text').length).toBeGreaterThan(20)
  expect(document.querySelectorAll('text').length).toBeLessThanOrEqual(40)
  expect(document.querySelectorAll('image, path, script, foreignObject, [href]')).toHaveLength(0)
  expect(picture).toContain('@media (prefers-color-scheme: dark)')
  expect(picture).not.toMatch(/url\(|@import/)
  expect(Buffer.byteLength(picture)).toBeLessThan(40_000)
})
