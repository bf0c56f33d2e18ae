import { describe, expect, it } from 'vitest'
import { listTexts, readText } from './source-files.ts'
import { deniedPhrases, secondNames } from './words.ts'

/** Pages that are history; later decisions are written in the words of the glossary. */
const isHistory = (path: string): boolean =>
  path === 'CHANGELOG.md' || /^docs\/decisions\/00([0-2]\d|3[0-8])-/.test(path)
const texts = listTexts().filter(path => !isHistory(path) && !/^(fixtures|test\/style)\//.test(path))

/** The text of a file with the sentences of its comments and paragraphs on one line each; line numbers stay countable. */
const joinLines = (text: string): string => text.replace(/\n[ \t]*(\*(?!\/)|\/\/|#+(?= [a-z]))?[ \t]*/g, '\n')

/** Lists the places where a pattern occurs, also across the end of a line. */
const findPhrase = (path: string, text: string, phrase: RegExp): ReadonlyArray<string> => {
  const acrossLines = new RegExp(phrase.source.replaceAll(' ', '[ \\n]'), 'gi')
  return [...text.matchAll(acrossLines)].map(
    match => `${path}:${text.slice(0, match.index).split('\n').length} ${match[0].replace('\n', ' ')}`,
  )
}

describe('a text', () => {
  const joined = texts.map(path => ({ path, text: joinLines(readText(path)) }))

  for (const { denied, write } of [...secondNames, ...deniedPhrases])
    it(`says "${write}", and not ${denied.source}`, () => {
      expect(joined.flatMap(({ path, text }) => findPhrase(path, text, denied))).toEqual([])
    })
})

describe('a doc comment', () => {
  it('begins with what a thing is or does, not with "What", "Whether" or "Who"', () => {
    const beginning = /\/\*\*\s*(?:\*\s*)?(What|Whether|Who|Whoever|Whose|How|Where)\b/g
    const found = texts
      .filter(path => /\.(ts|mjs|cjs)$/.test(path))
      .flatMap(path => findPhrase(path, readText(path), beginning))
    expect(found).toEqual([])
  })
})
