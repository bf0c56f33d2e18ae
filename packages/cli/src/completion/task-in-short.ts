import { isLive, toPrintable, type Task, type Time } from '@claimlog/client/unstable-internals'

const mostCharacters = 60

/** The description of a task in a list of completions: kind, status, title. */
export const taskInShort = ({ kind, status, hold, claim, spec }: Task, now: Time): string => {
  const standing =
    claim !== undefined && isLive(claim, now) ? `claimed by ${claim.worker}` : hold !== undefined ? 'on hold' : status
  const parts = [kind, standing, ...(spec.title === undefined ? [] : [spec.title])]
  const characters = [...toPrintable(parts.join(', '))]
  return characters.length <= mostCharacters
    ? characters.join('')
    : `${characters.slice(0, mostCharacters - 1).join('')}…`
}
