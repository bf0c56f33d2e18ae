import { Text, wholeNumber } from '@claimlog/codecs'

/** The cursor of an earlier answer. */
export const Cursor = Text

/** The maximum size of an answer, if the default is too small. */
export const AnswerBytesMax = wholeNumber('answer size', 1024, 1_048_576)
