import { isLive, toPrintable, type Task, type Time } from '@claimlog/client/unstable-internals'

const charactersMax = 60

/** The description of a task in a list of completions: kind, status, title. */
export const summarizeTask = ({ kind, status, hold, claim, spec }: Task, now: Time): string => {
  const displayStatus =
    claim !== undefined && isLive(claim, now) ? `claimed by ${claim.worker}` : hold !== undefined ? 'on hold' : status
  const parts = [kind, displayStatus, ...(spec.title === undefined ? [] : [spec.title])]
  const characters = [...toPrintable(parts.join(', '))]
  return characters.length <= charactersMax
    ? characters.join('')
    : `${characters.slice(0, charactersMax - 1).join('')}…`
}
