/**
 * Reads the lines that there are most of without going by way of JSON: claims, completions and plain additions, in the
 * very form in which they are written. Every process reads what all others wrote, so this is what many workers on one
 * log cost; it takes a third of `JSON.parse` and the codec. Whatever is not in that form, to the character, is left to them.
 */
import { Kind, TaskId, WorkerName } from '../names.ts'
import { Time } from '../scalars.ts'
import type { Added } from './added.ts'
import type { Claimed } from './claimed.ts'
import type { Completed } from './completed.ts'

const hashField = ',"hash":"'
const moreField = ',"more":true'
const hashDigits = 32

/** The line that is being read, and how far; reading is synchronous, so one will do. */
let line = ''
let at = 0

/** Goes past `text` where it comes next. */
const skip = (text: string): boolean => {
  if (!line.startsWith(text, at)) return false
  at += text.length
  return true
}

/** What stands up to the next quotation mark, and goes past that. Empty: there is none. */
const upToQuote = (): string => {
  const end = line.indexOf('"', at)
  const text = line.slice(at, end)
  at = end + 1
  return text
}

const zero = 48
const nine = 57
/** Stays below 2^53. */
const mostDigits = 15

/** A whole number as JSON writes it; 0 where none comes next, as no number in a plain line is. */
const wholeNumber = (): number => {
  const start = at
  let value = 0
  for (;;) {
    const code = line.charCodeAt(at)
    if (!(code >= zero && code <= nine)) break
    value = value * 10 + (code - zero)
    at += 1
  }
  return at - start > mostDigits || line.charCodeAt(start) === zero ? 0 : value
}

/** A part of a line keeps the whole chunk it was read with in memory. A copy does not; up to 12 characters are copies. */
const copyOf = (text: string): string => {
  let copy = ''
  for (let i = 0; i < text.length; i += 12) copy += text.slice(i, i + 12)
  return copy
}

/** Whether `text` stands in the line as it is, and is a name; a quotation mark it cannot hold. */
const isName = (codec: typeof TaskId, text: string): boolean => codec.is(text) && !text.includes('\\')

const maxKnownNames = 256
/** Few workers and kinds make many events: they are checked and copied once. */
const knownWorkers = new Map<string, string>()
const knownKinds = new Map<string, string>()

/** A name that comes often, the same string each time; undefined: `text` is none. */
const knownName = (known: Map<string, string>, codec: typeof TaskId, text: string): string | undefined => {
  const found = known.get(text)
  if (found !== undefined || !isName(codec, text)) return found
  if (known.size === maxKnownNames) known.clear()
  const copy = copyOf(text)
  known.set(copy, copy)
  return copy
}

const endOfTimes = '9000'

/** The times of the line before: events that come in a burst share them. */
let lastTime: string | undefined
let lastLeaseEnd: string | undefined

const time = (): string | undefined => {
  if (!skip(',"time":"')) return undefined
  const text = upToQuote()
  if (text !== lastTime) lastTime = text < endOfTimes && Time.is(text) ? copyOf(text) : undefined
  return lastTime
}

const leaseEnd = (): string | null | undefined => {
  if (skip('null')) return null
  if (!skip('"')) return undefined
  const text = upToQuote()
  if (text !== lastLeaseEnd) lastLeaseEnd = Time.is(text) ? copyOf(text) : undefined
  return lastLeaseEnd
}

/** Whether the line ends as it must after `time`, its decision going on with the next line or not. */
const seal = (): 'last' | 'more' | undefined => {
  const more = skip(moreField)
  if (!skip(hashField) || at !== line.length - hashDigits - 2) return undefined
  return more ? 'more' : 'last'
}

const hash = (): string => line.slice(-hashDigits - 2, -2)

const claimed = (seq: number): Claimed | undefined => {
  const worker = skip(',"worker":"') ? knownName(knownWorkers, WorkerName, upToQuote()) : undefined
  const taskId = skip(',"task_id":"') ? upToQuote() : ''
  const attempt = skip(',"attempt":') ? wholeNumber() : 0
  const leaseUntil = skip(',"lease_until":') ? leaseEnd() : undefined
  const when = time()
  const end = seal()
  if (worker === undefined || attempt === 0 || leaseUntil === undefined || when === undefined || end === undefined)
    return undefined
  if (!isName(TaskId, taskId)) return undefined
  return end === 'last'
    ? { seq, event: 'claimed', worker, taskId, attempt, leaseUntil, time: when, hash: hash() }
    : { seq, event: 'claimed', worker, taskId, attempt, leaseUntil, time: when, more: true, hash: hash() }
}

const completed = (seq: number): Completed | undefined => {
  const worker = skip(',"worker":"') ? knownName(knownWorkers, WorkerName, upToQuote()) : undefined
  const taskId = skip(',"task_id":"') ? upToQuote() : ''
  const token = skip(',"token":') ? wholeNumber() : 0
  const when = time()
  const end = seal()
  if (worker === undefined || token === 0 || when === undefined || end === undefined) return undefined
  if (!isName(TaskId, taskId)) return undefined
  return end === 'last'
    ? { seq, event: 'completed', worker, taskId, token, time: when, hash: hash() }
    : { seq, event: 'completed', worker, taskId, token, time: when, more: true, hash: hash() }
}

const added = (seq: number): Added | undefined => {
  const taskId = skip(',"task_id":"') ? upToQuote() : ''
  const kind = skip(',"kind":"') ? knownName(knownKinds, Kind, upToQuote()) : undefined
  const when = time()
  const end = seal()
  if (kind === undefined || when === undefined || end === undefined || !isName(TaskId, taskId)) return undefined
  return end === 'last'
    ? { seq, event: 'added', taskId: copyOf(taskId), kind, time: when, hash: hash() }
    : { seq, event: 'added', taskId: copyOf(taskId), kind, time: when, more: true, hash: hash() }
}

/** The event of a plain line (without its newline), as the codec would give it; undefined: it is not plain. That it ends in a hash, and in which, was checked. */
export const readPlainLine = (text: string): Claimed | Completed | Added | undefined => {
  line = text
  at = 0
  const seq = skip('{"seq":') ? wholeNumber() : 0
  // Line 1 is another event.
  if (seq < 2 || !skip(',"event":"')) return undefined
  if (skip('claimed"')) return claimed(seq)
  if (skip('completed"')) return completed(seq)
  if (skip('added"')) return added(seq)
  return undefined
}
