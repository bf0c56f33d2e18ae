/**
 * Reads the lines that there are most of without going by way of JSON: claims, completions and plain additions, in the
 * very form in which they are written. Every process reads what all others wrote, so this is what many workers on one
 * log cost; it takes a third of `JSON.parse` and the codec. Whatever is not in that form, to the character, is left to them.
 */
import { Time } from '../values/scalars.ts'
import type { Added } from './added.ts'
import type { Claimed } from './claimed.ts'
import type { Completed } from './completed.ts'

/** Names of printable ASCII that JSON does not escape; whole numbers that lose no digit; the form of a time. */
const taskId = '([!#-[\\]-~]{1,200})'
const worker = taskId
const kind = '([!#-[\\]-~]{1,64})'
const number = '([1-9]\\d{0,14})'
/** Line 1 is of another event. */
const seqAfterFirst = '([2-9]|[1-9]\\d{1,14})'
const time = '(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z)'
/** No event is read that carries a later time. */
const eventTime = time.replace('\\d', '[0-8]').replace('{4}', '\\d{3}')
const seal = '(,"more":true)?,"hash":"([^"]{32})"}$'

const claimedLine = new RegExp(
  `^{"seq":${seqAfterFirst},"event":"claimed","worker":"${worker}","task_id":"${taskId}","attempt":${number},"lease_until":(?:null|"${time}"),"time":"${eventTime}"${seal}`,
)
const completedLine = new RegExp(
  `^{"seq":${seqAfterFirst},"event":"completed","worker":"${worker}","task_id":"${taskId}","token":${number},"time":"${eventTime}"${seal}`,
)
const addedLine = new RegExp(
  `^{"seq":${seqAfterFirst},"event":"added","task_id":"${taskId}","kind":"${kind}","time":"${eventTime}"${seal}`,
)

/** A part of a line keeps the whole chunk it was read with in memory. A copy does not; up to 12 characters are copies. */
const copyOf = (text: string): string => {
  let copy = ''
  for (let i = 0; i < text.length; i += 12) copy += text.slice(i, i + 12)
  return copy
}

const maxKnownNames = 256
/** Few workers and kinds make many events. */
const knownNames = new Map<string, string>()

/** A name that comes often, the same string each time. */
const knownName = (name: string): string => {
  const known = knownNames.get(name)
  if (known !== undefined) return known
  if (knownNames.size === maxKnownNames) knownNames.clear()
  const copy = copyOf(name)
  knownNames.set(copy, copy)
  return copy
}

/** Reads times, each looked at once where several follow that are the same, as in a burst; undefined: there is no such moment. */
const timeReader = (): ((text: string) => string | undefined) => {
  let last = ''
  return text => {
    if (text !== last) {
      if (!Time.is(text)) return undefined
      last = copyOf(text)
    }
    return last
  }
}
const readTime = timeReader()
const readLeaseEnd = timeReader()

// Literals, as a copy of an event with one more field costs three times what reading it does.

const claimed = (found: RegExpExecArray): Claimed | undefined => {
  const [, seq, name = '', id = '', number, leaseEnd, at = '', more, hash] = found
  const when = readTime(at)
  const leaseUntil = leaseEnd === undefined ? null : readLeaseEnd(leaseEnd)
  if (when === undefined || leaseUntil === undefined) return undefined
  const by = knownName(name)
  const attempt = Number(number)
  return more === undefined
    ? { seq: Number(seq), event: 'claimed', worker: by, taskId: id, attempt, leaseUntil, time: when, hash }
    : { seq: Number(seq), event: 'claimed', worker: by, taskId: id, attempt, leaseUntil, time: when, more: true, hash }
}

const completed = (found: RegExpExecArray): Completed | undefined => {
  const [, seq, name = '', id = '', claim, at = '', more, hash] = found
  const when = readTime(at)
  if (when === undefined) return undefined
  const by = knownName(name)
  const token = Number(claim)
  return more === undefined
    ? { seq: Number(seq), event: 'completed', worker: by, taskId: id, token, time: when, hash }
    : { seq: Number(seq), event: 'completed', worker: by, taskId: id, token, time: when, more: true, hash }
}

const added = (found: RegExpExecArray): Added | undefined => {
  const [, seq, id = '', name = '', at = '', more, hash] = found
  const when = readTime(at)
  if (when === undefined) return undefined
  const task = copyOf(id)
  const of = knownName(name)
  return more === undefined
    ? { seq: Number(seq), event: 'added', taskId: task, kind: of, time: when, hash }
    : { seq: Number(seq), event: 'added', taskId: task, kind: of, time: when, more: true, hash }
}

/**
 * The event of a plain line (without its newline), as the codec would give it; undefined: it is not plain. That the line
 * ends in a hash, and in which, was checked.
 */
export const readPlainLine = (line: string): Claimed | Completed | Added | undefined => {
  // Another event's line is told from these by its first few characters, which costs less than to look which it is.
  let found = claimedLine.exec(line)
  if (found !== null) return claimed(found)
  found = completedLine.exec(line)
  if (found !== null) return completed(found)
  found = addedLine.exec(line)
  return found === null ? undefined : added(found)
}

/** Text that stands in JSON as it is. */
const plainText = /^[ !#-[\]-~]*$/

/** Whether an event may carry more than its own fields: what every event may, or what only a newer version knows. */
const carriesMore = ({ hash, by, requestId, clock, boot }: Claimed | Completed): boolean =>
  hash !== undefined || by !== undefined || requestId !== undefined || clock !== undefined || boot !== undefined

/** The JSON text of an event as a decision makes it, where it is plain; undefined: the codec has to write it. */
export const writePlainClaimed = (event: Claimed): string | undefined => {
  const { seq, worker: name, taskId: id, attempt, leaseUntil, time: at } = event
  if (carriesMore(event) || !plainText.test(name) || !plainText.test(id)) return undefined
  const until = leaseUntil === null ? 'null' : `"${leaseUntil}"`
  return `{"seq":${seq},"event":"claimed","worker":"${name}","task_id":"${id}","attempt":${attempt},"lease_until":${until},"time":"${at}"}`
}

/** As {@link writePlainClaimed}. */
export const writePlainCompleted = (event: Completed): string | undefined => {
  const { seq, worker: name, taskId: id, token, result, time: at } = event
  if (result !== undefined || carriesMore(event) || !plainText.test(name) || !plainText.test(id)) return undefined
  return `{"seq":${seq},"event":"completed","worker":"${name}","task_id":"${id}","token":${token},"time":"${at}"}`
}
