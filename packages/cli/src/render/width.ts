import fastStringTruncatedWidth from 'fast-string-truncated-width'

/** How many columns of a terminal a text takes, wide characters counted as two. */
export const widthOf = (text: string): number => fastStringTruncatedWidth(text).width

/** A text that takes at most `width` columns; where it was longer it ends in `…`. */
export const cut = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text
  return `${text.slice(0, fastStringTruncatedWidth(text, { limit: width, ellipsis: '…', ellipsisWidth: 1 }).index)}…`
}
