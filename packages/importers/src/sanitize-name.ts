import { type Kind, removeNameFlaws } from '@claimlog/domain'

/** White space, control, format and lone surrogate characters: not allowed in names. */
const invalidCharacters = /[\s\p{Z}\p{Cc}\p{Cf}\p{Cs}]+/gu

/** Makes a valid name: replaces invalid characters with `-` and truncates it; undefined: no character is left. */
export const sanitizeName = (name: string, charactersMax: number): string | undefined => {
  const sanitized = removeNameFlaws(name.normalize('NFC').replace(invalidCharacters, '-')).replace(/^-+|-+$/g, '')
  if (sanitized === '') return undefined
  return sanitized.length > charactersMax ? [...sanitized].slice(0, charactersMax).join('') : sanitized
}

/** Converts another tool's issue type to a kind: `Bug` and `bug` are the same. */
export const toKind = (issueType: string | undefined, fallback: Kind): Kind =>
  (issueType === undefined ? undefined : sanitizeName(issueType.toLowerCase(), 64)) ?? fallback

/**
 * Returns a function that allocates names not in `usedNames` and adds them: `preferred`, or the first free one of
 * `preferred-2`, `preferred-3` … Each search continues after the last one for the same name, as a file may repeat a title
 * 10,000 times.
 */
export const nameAllocator = (usedNames: Set<string>): ((preferred: string) => string) => {
  const next = new Map<string, number>()
  return preferred => {
    let name = preferred
    let n = next.get(preferred) ?? 2
    for (; usedNames.has(name); n += 1) name = `${preferred}-${n}`
    next.set(preferred, n)
    usedNames.add(name)
    return name
  }
}
