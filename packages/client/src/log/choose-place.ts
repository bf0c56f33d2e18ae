import type { PlaceChoice } from '@claimlog/discovery'

/** The place that a program names: its options count before the variables of its environment. */
export const choosePlace = ({ log, dir }: PlaceChoice): PlaceChoice => {
  if (log !== undefined || dir !== undefined) return { log, dir }
  const { CLAIMLOG_LOG, CLAIMLOG_DIR } = process.env
  return { log: CLAIMLOG_LOG || undefined, dir: CLAIMLOG_DIR || undefined }
}
