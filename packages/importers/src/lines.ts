/** A line of a text, and its number, counted from 1. */
export type Line = { readonly number: number; readonly text: string }

/** The lines that are not blank. */
export const linesIn = (text: string): ReadonlyArray<Line> =>
  text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [{ number: index + 1, text: line }]))
