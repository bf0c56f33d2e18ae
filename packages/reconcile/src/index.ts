/** Merges the work of another copy of a log; a separate entry point, because only one command imports it. */
export type { MergeStepResult } from './execute-steps.ts'
export { compareCopies, type NoOtherCopy } from './compare-copies.ts'
export type { Copies } from './compare-logs.ts'
export { mergeCopy, type MergeResult, dryRunMerge } from './merge-copy.ts'
export { findUnmergedRules, type UnmergedRule } from './unmerged-rules.ts'
export { findDuplicateTokens, type DuplicateToken } from './duplicate-tokens.ts'
