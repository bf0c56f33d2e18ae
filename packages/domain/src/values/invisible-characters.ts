/** Scripts in which a joiner changes the form of letters. In other scripts it creates two texts that look the same. */
const joiningScripts = [
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

/**
 * The content of a character class for invisible characters: controls, changes of text direction, fillers, variation
 * selectors, tags, private-use characters, noncharacters, lone surrogates, and characters that are drawn blank.
 */
export const invisibleClass =
  '\\p{Default_Ignorable_Code_Point}\\p{Cc}\\p{Cf}\\p{Co}\\p{Cs}\\p{Noncharacter_Code_Point}\\p{Zl}\\p{Zp}' +
  '\\u2800\\u{1d159}\\u{13441}\\u{13442}\\u{16fe4}'

/** The pattern of invisible characters in places that need them: joiners between letters, parts of an emoji. */
export const allowedInvisiblePattern = (): string => {
  const joiningLetter = `[${joiningScripts.map(script => `\\p{Script_Extensions=${script}}`).join('')}]`
  const pictograph = '\\p{Extended_Pictographic}'
  return [
    `(?<=${joiningLetter})[\\u200c\\u200d](?=${joiningLetter})`,
    `(?<=[${pictograph}\\u{1f3fb}-\\u{1f3ff}]\\ufe0f?)\\u200d(?=${pictograph})`,
    `(?<=${pictograph})\\ufe0f`,
    '(?<=[0-9#*])\\ufe0f(?=\\u20e3)',
  ].join('|')
}
