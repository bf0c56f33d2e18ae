/** Nearly every name there is. */
const plainAscii = /^[!-~]*$/

/** Scripts whose letters change their form at a joiner: elsewhere it makes two names that look the same. */
const joining = [
  ...[
    'Arabic',
    'Syriac',
    'Nko',
    'Mongolian',
    'Mandaic',
    'Adlam',
    'Phags_Pa',
    'Hanifi_Rohingya',
    'Sogdian',
    'Manichaean',
  ],
  ...['Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil', 'Telugu', 'Kannada', 'Malayalam', 'Sinhala'],
  ...['Khmer', 'Myanmar', 'Tibetan', 'Balinese', 'Javanese', 'Grantha', 'Brahmi', 'Thai', 'Lao'],
]

/** Made when they are needed: their classes take a millisecond to build, and few names need them. */
type Patterns = {
  /** Characters without a shape of their own: fillers, variation selectors, tags; private, unassigned; what is drawn blank. */
  readonly unseen: RegExp
  /** Where the characters may stand that are unseen and needed: joiners between letters, what an emoji is made of. */
  readonly needed: RegExp
}
let patterns: Patterns | undefined

const makePatterns = (): Patterns => {
  const joined = `[${joining.map(script => `\\p{Script_Extensions=${script}}`).join('')}]`
  const pictograph = '\\p{Extended_Pictographic}'
  const needed = [
    `(?<=${joined})[\\u200c\\u200d](?=${joined})`,
    `(?<=[${pictograph}\\u{1f3fb}-\\u{1f3ff}]\\ufe0f?)\\u200d(?=${pictograph})`,
    `(?<=${pictograph})\\ufe0f`,
    '(?<=[0-9#*])\\ufe0f(?=\\u20e3)',
  ]
  return {
    unseen: /[\p{Default_Ignorable_Code_Point}\p{C}\p{Z}\s\u2800\u{1d159}\u{13441}\u{13442}\u{16fe4}]/u,
    needed: new RegExp(needed.join('|'), 'gu'),
  }
}

/**
 * Why a name cannot be seen, or told apart from another one; undefined: it can. A mark with nothing before it, a character
 * without a shape, or another spelling of the same characters: of these NFC is taken, as there is one of it for each text.
 */
export const nameFlaw = (name: string): string | undefined => {
  if (plainAscii.test(name)) return undefined
  const { unseen, needed } = (patterns ??= makePatterns())
  const [hidden] = unseen.exec(name.replace(needed, '')) ?? []
  if (hidden !== undefined) return `${codePointOf(hidden)} cannot be seen`
  const [mark] = /^\p{M}/u.exec(name) ?? []
  if (mark !== undefined) return `${codePointOf(mark)} has nothing to stand on`
  const composed = name.normalize('NFC')
  if (composed === name) return undefined
  return `it is not in composed form (NFC): ${codePointOf(firstDifference(name, composed))} looks the same as another spelling`
}

/** The name without what cannot be seen in it, nor marks that have nothing to stand on; '' where nothing is left. */
export const withoutNameFlaws = (name: string): string => {
  if (nameFlaw(name) === undefined) return name
  const { unseen } = (patterns ??= makePatterns())
  return name
    .replace(new RegExp(unseen, 'gu'), '')
    .replace(/^\p{M}+/u, '')
    .normalize('NFC')
}

const firstDifference = (name: string, composed: string): string => {
  const other = [...composed]
  return [...name].find((character, i) => character !== other[i]) ?? ''
}

const codePointOf = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
