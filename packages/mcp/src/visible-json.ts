/**
 * Characters that nobody sees and that a model reads: controls, what changes the direction of text, what joins or fills, tags
 * and variation selectors beyond those of emoji, private ones, and halves of characters.
 */
const unseen =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\u{e0000}-\u{e0fff}]/gu

const escaped = (character: string): string =>
  character
    .split('')
    .map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')

/** `value` as JSON in which every character can be seen: the others are escaped, so that it means the same. */
export const visibleJson = (value: unknown): string => visibleText(JSON.stringify(value))

/** A text in which every character can be seen: the others are written as JSON escapes them. */
export const visibleText = (text: string): string => text.replace(unseen, escaped)
