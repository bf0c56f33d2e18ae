/** Brings the work of another copy of a log over: an entry of its own, as only one command needs it. */
export { appendTail } from './append-tail.ts'
export { compareLogs, type Copies, type NotACopy } from './compare-logs.ts'
export { carryOut, type Outcome } from './carry-out.ts'
export { planSteps, type Step } from './plan-steps.ts'
export { rulesLeftOut, type RuleLeftOut } from './rules-left-out.ts'
export { spendTokens } from './spend-tokens.ts'
export { trialOn } from './trial.ts'
export { tokensGivenTwice, type TwiceGiven } from './tokens-given-twice.ts'
