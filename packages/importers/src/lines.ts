/** A line of a text, and its number, counted from 1. */
export type TextLine = { readonly number: number; readonly text: string }

/** The lines that are not blank. */
export const nonBlankLines = (text: string): ReadonlyArray<TextLine> =>
  text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [{ number: index + 1, text: line }]))
