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
const integerPattern = '([1-9]\\d{0,14})'
/** From 2: line 1 is `opened`. */
const seqPattern = '([2-9]|[1-9]\\d{1,14})'
const timePattern = '(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z)'
/** Events of the year 9000 and later are refused. */
const eventTimePattern = timePattern.replace('\\d', '[0-8]').replace('{4}', '\\d{3}')
const hashSuffix = '(,"more":true)?,"hash":"([^"]{32})"}$'

const claimedLine = new RegExp(
  `^{"seq":${seqPattern},"event":"claimed","worker":"${workerPattern}","task_id":"${taskIdPattern}","attempt":${integerPattern},"lease_until":(?:null|"${timePattern}"),"time":"${eventTimePattern}"${hashSuffix}`,
)
const completedLine = new RegExp(
  `^{"seq":${seqPattern},"event":"completed","worker":"${workerPattern}","task_id":"${taskIdPattern}","token":${integerPattern},"time":"${eventTimePattern}"${hashSuffix}`,
)
const addedLine = new RegExp(
  `^{"seq":${seqPattern},"event":"added","task_id":"${taskIdPattern}","kind":"${kindPattern}","time":"${eventTimePattern}"${hashSuffix}`,
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
  const [, seq, workerText = '', taskId = '', attempt, leaseEndText, timeText = '', more, hash] = match
  const time = readTime(timeText)
  const leaseUntil = leaseEndText === undefined ? null : readLeaseEnd(leaseEndText)
  if (time === undefined || leaseUntil === undefined) return undefined
  const worker = internName(workerText)
  return more === undefined
    ? { seq: Number(seq), event: 'claimed', worker, taskId, attempt: Number(attempt), leaseUntil, time, hash }
    : {
        seq: Number(seq),
        event: 'claimed',
        worker,
        taskId,
        attempt: Number(attempt),
        leaseUntil,
        time,
        more: true,
        hash,
      }
}

const toCompleted = (match: RegExpExecArray): Completed | undefined => {
  const [, seq, workerText = '', taskId = '', token, timeText = '', more, hash] = match
  const time = readTime(timeText)
  if (time === undefined) return undefined
  const worker = internName(workerText)
  return more === undefined
    ? { seq: Number(seq), event: 'completed', worker, taskId, token: Number(token), time, hash }
    : { seq: Number(seq), event: 'completed', worker, taskId, token: Number(token), time, more: true, hash }
}

const toAdded = (match: RegExpExecArray): Added | undefined => {
  const [, seq, idText = '', kindText = '', timeText = '', more, hash] = match
  const time = readTime(timeText)
  if (time === undefined) return undefined
  const taskId = copyText(idText)
  const kind = internName(kindText)
  return more === undefined
    ? { seq: Number(seq), event: 'added', taskId, kind, time, hash }
    : { seq: Number(seq), event: 'added', taskId, kind, time, more: true, hash }
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

/** True if an event has common fields, or may have fields of a newer version. */
const hasExtraFields = ({ hash, by, requestId, clock, boot }: Claimed | Completed): boolean =>
  hash !== undefined || by !== undefined || requestId !== undefined || clock !== undefined || boot !== undefined

/** The JSON text of an event from a decision; undefined: it is not plain, so the codec must write it. */
export const writePlainClaimed = (event: Claimed): string | undefined => {
  const { seq, worker, taskId, attempt, leaseUntil, time } = event
  if (hasExtraFields(event) || !plainTextPattern.test(worker) || !plainTextPattern.test(taskId)) return undefined
  const until = leaseUntil === null ? 'null' : `"${leaseUntil}"`
  return `{"seq":${seq},"event":"claimed","worker":"${worker}","task_id":"${taskId}","attempt":${attempt},"lease_until":${until},"time":"${time}"}`
}

/** As {@link writePlainClaimed}. */
export const writePlainCompleted = (event: Completed): string | undefined => {
  const { seq, worker, taskId, token, result, time } = event
  if (result !== undefined || hasExtraFields(event) || !plainTextPattern.test(worker) || !plainTextPattern.test(taskId))
    return undefined
  return `{"seq":${seq},"event":"completed","worker":"${worker}","task_id":"${taskId}","token":${token},"time":"${time}"}`
}
