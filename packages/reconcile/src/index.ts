/** Merges the work of another copy of a log; a separate entry point, because only one command imports it. */
export type { Outcome } from './carry-out.ts'
export { compareCopies, type NoOtherCopy } from './compare-copies.ts'
export type { Copies } from './compare-logs.ts'
export { bringOver, type BroughtOver, tryOut } from './reconcile.ts'
export { rulesLeftOut, type RuleLeftOut } from './rules-left-out.ts'
export { tokensGivenTwice, type TwiceGiven } from './tokens-given-twice.ts'
