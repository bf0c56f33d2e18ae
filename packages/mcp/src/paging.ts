import { Text, wholeNumber } from '@claimlog/codecs'

/** Where to read on, as an answer said it. */
export const Cursor = Text

/** How long an answer may be, where the usual size is too small. */
export const MaxBytes = wholeNumber('answer size', 1024, 1_048_576)
