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
const taskIdPattern = '([!#-[\\]-~]{1,200})'
const workerPattern = taskIdPattern
const kindPattern = '([!#-[\\]-~]{1,64})'
const integer = '([1-9]\\d{0,14})'
/** Line 1 is `opened`. */
const seqAfterFirst = '([2-9]|[1-9]\\d{1,14})'
const timePattern = '(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z)'
/** Events of the year 9000 and later are refused. */
const eventTimePattern = timePattern.replace('\\d', '[0-8]').replace('{4}', '\\d{3}')
const hashSuffix = '(,"more":true)?,"hash":"([^"]{32})"}$'

const claimedLine = new RegExp(
  `^{"seq":${seqAfterFirst},"event":"claimed","worker":"${workerPattern}","task_id":"${taskIdPattern}","attempt":${integer},"lease_until":(?:null|"${timePattern}"),"time":"${eventTimePattern}"${hashSuffix}`,
)
const completedLine = new RegExp(
  `^{"seq":${seqAfterFirst},"event":"completed","worker":"${workerPattern}","task_id":"${taskIdPattern}","token":${integer},"time":"${eventTimePattern}"${hashSuffix}`,
)
const addedLine = new RegExp(
  `^{"seq":${seqAfterFirst},"event":"added","task_id":"${taskIdPattern}","kind":"${kindPattern}","time":"${eventTimePattern}"${hashSuffix}`,
)

/**
 * Copies a substring, which would keep the whole chunk of the file in memory. V8 copies substrings of up to 12
 * characters.
 */
const copyText = (text: string): string => {
  let copy = ''
  for (let i = 0; i < text.length; i += 12) copy += text.slice(i, i + 12)
  return copy
}

const internedNamesMax = 256
/** A few workers and kinds appear in many events. */
const internedNames = new Map<string, string>()

/** Returns the same string object for the same name. */
const internName = (name: string): string => {
  const interned = internedNames.get(name)
  if (interned !== undefined) return interned
  if (internedNames.size === internedNamesMax) internedNames.clear()
  const copy = copyText(name)
  internedNames.set(copy, copy)
  return copy
}

/**
 * Makes a reader of times that caches the last one, as a burst of events has the same time; undefined: not a valid
 * time.
 */
const createTimeReader = (): ((text: string) => string | undefined) => {
  let last = ''
  return text => {
    if (text !== last) {
      if (!Time.is(text)) return undefined
      last = copyText(text)
    }
    return last
  }
}
const readTime = createTimeReader()
const readLeaseEnd = createTimeReader()

// Literals, as a spread to add one more field would cost three times as much as reading the event.

const toClaimed = (match: RegExpExecArray): Claimed | undefined => {
  const [, seq, name = '', id = '', integer, leaseEndText, timeText = '', more, hash] = match
  const parsedTime = readTime(timeText)
  const leaseUntil = leaseEndText === undefined ? null : readLeaseEnd(leaseEndText)
  if (parsedTime === undefined || leaseUntil === undefined) return undefined
  const workerName = internName(name)
  const attempt = Number(integer)
  return more === undefined
    ? {
        seq: Number(seq),
        event: 'claimed',
        worker: workerName,
        taskId: id,
        attempt,
        leaseUntil,
        time: parsedTime,
        hash,
      }
    : {
        seq: Number(seq),
        event: 'claimed',
        worker: workerName,
        taskId: id,
        attempt,
        leaseUntil,
        time: parsedTime,
        more: true,
        hash,
      }
}

const toCompleted = (match: RegExpExecArray): Completed | undefined => {
  const [, seq, name = '', id = '', tokenText, timeText = '', more, hash] = match
  const parsedTime = readTime(timeText)
  if (parsedTime === undefined) return undefined
  const workerName = internName(name)
  const token = Number(tokenText)
  return more === undefined
    ? { seq: Number(seq), event: 'completed', worker: workerName, taskId: id, token, time: parsedTime, hash }
    : {
        seq: Number(seq),
        event: 'completed',
        worker: workerName,
        taskId: id,
        token,
        time: parsedTime,
        more: true,
        hash,
      }
}

const toAdded = (match: RegExpExecArray): Added | undefined => {
  const [, seq, id = '', name = '', timeText = '', more, hash] = match
  const parsedTime = readTime(timeText)
  if (parsedTime === undefined) return undefined
  const copiedId = copyText(id)
  const kindName = internName(name)
  return more === undefined
    ? { seq: Number(seq), event: 'added', taskId: copiedId, kind: kindName, time: parsedTime, hash }
    : { seq: Number(seq), event: 'added', taskId: copiedId, kind: kindName, time: parsedTime, more: true, hash }
}

/**
 * Reads a plain line (without its newline) as the codec would; undefined: it is not plain. The caller has checked that
 * the line ends in the right hash.
 */
export const readPlainLine = (line: string): Claimed | Completed | Added | undefined => {
  // Each pattern fails within the first few characters, which is cheaper than finding out the event first.
  let match = claimedLine.exec(line)
  if (match !== null) return toClaimed(match)
  match = completedLine.exec(line)
  if (match !== null) return toCompleted(match)
  match = addedLine.exec(line)
  return match === null ? undefined : toAdded(match)
}

/** Text that JSON does not escape. */
const plainTextPattern = /^[ !#-[\]-~]*$/

/** True if an event may have fields beyond its specific ones: common fields, or fields of a newer version. */
const hasExtraFields = ({ hash, by: workerName, requestId, clock, boot }: Claimed | Completed): boolean =>
  hash !== undefined || workerName !== undefined || requestId !== undefined || clock !== undefined || boot !== undefined

/** The JSON text of an event from a decision; undefined: it is not plain, so the codec must write it. */
export const writePlainClaimed = (event: Claimed): string | undefined => {
  const { seq, worker: name, taskId: id, attempt, leaseUntil, time: timeText } = event
  if (hasExtraFields(event) || !plainTextPattern.test(name) || !plainTextPattern.test(id)) return undefined
  const until = leaseUntil === null ? 'null' : `"${leaseUntil}"`
  return `{"seq":${seq},"event":"claimed","worker":"${name}","task_id":"${id}","attempt":${attempt},"lease_until":${until},"time":"${timeText}"}`
}

/** As {@link writePlainClaimed}. */
export const writePlainCompleted = (event: Completed): string | undefined => {
  const { seq, worker: name, taskId: id, token, result, time: timeText } = event
  if (result !== undefined || hasExtraFields(event) || !plainTextPattern.test(name) || !plainTextPattern.test(id))
    return undefined
  return `{"seq":${seq},"event":"completed","worker":"${name}","task_id":"${id}","token":${token},"time":"${timeText}"}`
}
