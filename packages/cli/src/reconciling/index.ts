/** Brings over the work of another copy of a log: a bundle of its own, as only `reconcile` needs it. */
export {
  appendTail,
  carryOut,
  compareLogs,
  type Copies,
  type NotACopy,
  type Outcome,
  planSteps,
  rulesLeftOut,
  type RuleLeftOut,
  spendTokens,
  tokensGivenTwice,
  type TwiceGiven,
  trialOn,
} from '@claimlog/reconcile'
