/** A shorter text is not worth counting: its values fit into memory, even if all are minimal. */
const smallTextLength = 32 * 1024 * 1024

/** Each value takes about 50 bytes of heap, even an empty list that takes two bytes in the file. */
const valuesMax = 10_000_000

/**
 * Refuses a text whose values would not fit into memory: Node would be killed by a signal, without an error message. A
 * million tasks with ten fields each pass.
 */
export const explainTooManyValues = (text: string): string | undefined => {
  if (text.length < smallTextLength) return undefined
  let values = 0
  let inString = false
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i)
    if (inString) {
      if (unit === backslash) i += 1
      else if (unit === quote) inString = false
    } else if (unit === quote) inString = true
    else if (unit === comma || unit === openBracket || unit === openBrace) {
      values += 1
      if (values > valuesMax) return `has more than ${valuesMax.toLocaleString('en-US')} values`
    }
  }
  return undefined
}

const [quote, comma, openBracket, backslash, openBrace] = [0x22, 0x2c, 0x5b, 0x5c, 0x7b]
