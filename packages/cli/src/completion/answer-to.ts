import type { Command } from 'commander'
import { bashLine, unquoted } from './bash-line.ts'
import { placeOf } from './place.ts'
import { type LookAt, type Suggestions, suggestionsAt } from './suggestions.ts'

/**
 * The completions for a shell at the cursor: a first line with their type (`words`, `files`, `directories`, `commands`), then
 * one line per word. '' if there are none.
 *
 * zsh and fish pass the words after `claimlog`, the last one up to the cursor, fish with its quotes. They get each word with
 * its description after a tab, and quote it themselves. bash passes its line up to the cursor and the part at its end that it
 * will replace, and gets the replacement.
 */
export const answerTo = async (
  program: Command,
  [shell, ...given]: ReadonlyArray<string>,
  lookAt: LookAt,
): Promise<string> => {
  if (shell === 'zsh') return described(await fittingAt(program, given, lookAt))
  if (shell === 'fish') {
    const words = [...given.slice(0, -1), unquoted(given.at(-1) ?? '')]
    return described(await fittingAt(program, words, lookAt))
  }
  const [line = '', replaced = ''] = given
  const { words, inserted } = bashLine(line, replaced)
  return inBash(await fittingAt(program, words.slice(1), lookAt), inserted)
}

const fittingAt = async (
  program: Command,
  words: ReadonlyArray<string>,
  lookAt: LookAt,
): Promise<Suggestions | undefined> => {
  const place = placeOf(program, words)
  return place === undefined ? undefined : suggestionsAt(program, place, lookAt)
}

const described = (suggestions: Suggestions | undefined): string =>
  asLines(suggestions, ({ word, about = '' }) => (about === '' ? word : `${word}\t${about}`))

const inBash = (suggestions: Suggestions | undefined, inserted: (word: string) => string): string =>
  asLines(suggestions, ({ word }) => inserted(word))

const asLines = (
  suggestions: Suggestions | undefined,
  line: (word: { readonly word: string; readonly about?: string }) => string,
): string => {
  if (suggestions === undefined) return ''
  const words = suggestions.fits === 'words' ? suggestions.words.map(line) : []
  return [suggestions.fits, ...words].map(text => `${text}\n`).join('')
}
