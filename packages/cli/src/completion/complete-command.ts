import type { Command } from 'commander'
import { parseBashLine, unquote } from './bash-line.ts'
import { locateCursor } from './cursor-context.ts'
import { type QueryWorkspace, type Suggestions, suggestWords } from './suggestions.ts'

/**
 * The completions for a shell at the cursor: a first line with their type (`words`, `files`, `directories`, `commands`), then
 * one line per word. '' if there are none.
 *
 * zsh and fish pass the words after `claimlog`, the last one up to the cursor, fish with its quotes. They get each word with
 * its description after a tab, and quote it themselves. bash passes its line up to the cursor and the part at its end that it
 * will replace, and gets the replacement.
 */
export const completeCommand = async (
  program: Command,
  [shell, ...args]: ReadonlyArray<string>,
  queryWorkspace: QueryWorkspace,
): Promise<string> => {
  if (shell === 'zsh') return formatDescribed(await findSuggestions(program, args, queryWorkspace))
  if (shell === 'fish') {
    const words = [...args.slice(0, -1), unquote(args.at(-1) ?? '')]
    return formatDescribed(await findSuggestions(program, words, queryWorkspace))
  }
  const [line = '', replaced = ''] = args
  const { words, complete } = parseBashLine(line, replaced)
  return formatBash(await findSuggestions(program, words.slice(1), queryWorkspace), complete)
}

const findSuggestions = async (
  program: Command,
  words: ReadonlyArray<string>,
  queryWorkspace: QueryWorkspace,
): Promise<Suggestions | undefined> => {
  const context = locateCursor(program, words)
  return context === undefined ? undefined : suggestWords(program, context, queryWorkspace)
}

const formatDescribed = (suggestions: Suggestions | undefined): string =>
  formatLines(suggestions, ({ word, about = '' }) => (about === '' ? word : `${word}\t${about}`))

const formatBash = (suggestions: Suggestions | undefined, complete: (word: string) => string): string =>
  formatLines(suggestions, ({ word }) => complete(word))

const formatLines = (
  suggestions: Suggestions | undefined,
  line: (word: { readonly word: string; readonly about?: string }) => string,
): string => {
  if (suggestions === undefined) return ''
  const words = suggestions._tag === 'words' ? suggestions.words.map(line) : []
  return [suggestions._tag, ...words].map(text => `${text}\n`).join('')
}
