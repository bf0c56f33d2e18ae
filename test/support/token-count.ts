import { countTokens } from 'gpt-tokenizer'

/**
 * The number of language-model tokens in `text`, counted with the vocabulary o200k, whose tokenizer is public. The
 * counts of other models differ by about 10 %.
 */
export const countModelTokens = (text: string): number => countTokens(text)
