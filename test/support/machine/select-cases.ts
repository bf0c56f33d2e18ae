/** True in `npm run test:long`; `npm test` takes a part of the cases of the longest tests. */
const isLongRun = process.env['CLAIMLOG_LONG_TESTS'] === '1'

/** Every `interval`th case from `offset` on; all cases in the long run. */
export const selectCases = <A>(cases: ReadonlyArray<A>, interval: number, offset = 0): ReadonlyArray<A> =>
  isLongRun ? cases : cases.filter((_, i) => i % interval === offset % interval)

/** The number of repetitions of a long test, or of a short one in `npm test`. */
export const chooseCount = (long: number, short: number): number => (isLongRun ? long : short)
