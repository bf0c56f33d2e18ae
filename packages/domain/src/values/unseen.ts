/** Scripts whose letters change their form at a joiner: elsewhere it makes two texts that look the same. */
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

/**
 * What a class of a regular expression has for characters without a shape of their own: controls, what changes the direction
 * of text, fillers, variation selectors, tags, private ones, noncharacters, halves of characters, and what is drawn blank.
 */
export const unseenClass =
  '\\p{Default_Ignorable_Code_Point}\\p{Cc}\\p{Cf}\\p{Co}\\p{Cs}\\p{Noncharacter_Code_Point}\\p{Zl}\\p{Zp}' +
  '\\u2800\\u{1d159}\\u{13441}\\u{13442}\\u{16fe4}'

/** The pattern of such characters where they are needed: joiners between letters, what an emoji is made of. */
export const neededPattern = (): string => {
  const joined = `[${joining.map(script => `\\p{Script_Extensions=${script}}`).join('')}]`
  const pictograph = '\\p{Extended_Pictographic}'
  return [
    `(?<=${joined})[\\u200c\\u200d](?=${joined})`,
    `(?<=[${pictograph}\\u{1f3fb}-\\u{1f3ff}]\\ufe0f?)\\u200d(?=${pictograph})`,
    `(?<=${pictograph})\\ufe0f`,
    '(?<=[0-9#*])\\ufe0f(?=\\u20e3)',
  ].join('|')
}
