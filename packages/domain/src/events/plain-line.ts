/**
 * Reads the most frequent lines without `JSON.parse`: claims, completions and plain additions, in exactly the form in
 * which they are written. Every process reads what all others wrote, so this is the main cost of many workers on one
 * log; it takes a third of the time of `JSON.parse` and the codec, which read all lines that differ from this form.
 */
import { Time } from '../values/scalars.ts'
import type { Added } from './added.ts'
import type { Claimed } from './claimed.ts'
import type { Completed } from './completed.ts'

/**
 * Names in printable ASCII that JSON does not escape; integers that a number represents exactly; the form of a time.
 */
const taskId = '([!#-[\\]-~]{1,200})'
const worker = taskId
const kind = '([!#-[\\]-~]{1,64})'
const number = '([1-9]\\d{0,14})'
/** Line 1 is `opened`. */
const seqAfterFirst = '([2-9]|[1-9]\\d{1,14})'
const time = '(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z)'
/** Events of the year 9000 and later are refused. */
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

/**
 * Copies a substring, which would keep the whole chunk of the file in memory. V8 copies substrings of up to 12
 * characters.
 */
const copyOf = (text: string): string => {
  let copy = ''
  for (let i = 0; i < text.length; i += 12) copy += text.slice(i, i + 12)
  return copy
}

const maxKnownNames = 256
/** A few workers and kinds appear in many events. */
const knownNames = new Map<string, string>()

/** Returns the same string object for the same name. */
const knownName = (name: string): string => {
  const known = knownNames.get(name)
  if (known !== undefined) return known
  if (knownNames.size === maxKnownNames) knownNames.clear()
  const copy = copyOf(name)
  knownNames.set(copy, copy)
  return copy
}

/**
 * Makes a reader of times that caches the last one, as a burst of events has the same time; undefined: not a valid
 * time.
 */
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

// Literals, as a spread to add one more field would cost three times as much as reading the event.

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
 * Reads a plain line (without its newline) as the codec would; undefined: it is not plain. The caller has checked that
 * the line ends in the right hash.
 */
export const readPlainLine = (line: string): Claimed | Completed | Added | undefined => {
  // Each pattern fails within the first few characters, which is cheaper than finding out the event first.
  let found = claimedLine.exec(line)
  if (found !== null) return claimed(found)
  found = completedLine.exec(line)
  if (found !== null) return completed(found)
  found = addedLine.exec(line)
  return found === null ? undefined : added(found)
}

/** Text that JSON does not escape. */
const plainText = /^[ !#-[\]-~]*$/

/** True if an event may have fields beyond its specific ones: common fields, or fields of a newer version. */
const carriesMore = ({ hash, by, requestId, clock, boot }: Claimed | Completed): boolean =>
  hash !== undefined || by !== undefined || requestId !== undefined || clock !== undefined || boot !== undefined

/** The JSON text of an event from a decision; undefined: it is not plain, so the codec must write it. */
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
