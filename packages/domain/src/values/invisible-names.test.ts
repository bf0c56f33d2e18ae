/** A new name is visible and looks different from every other name. */
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { decide } from '../decide/index.ts'
import {
  add,
  added,
  at,
  claim,
  claimed,
  addCommandTime,
  buildLog,
  opened,
  type UntimedCommand,
  buildState,
} from '../../testing/decider-specification.ts'
import { emptyState } from '../state/state.ts'
import { fold } from '../evolve/evolve.ts'
import { decodeEvent, encodeEvent } from '../events/index.ts'
import { findNameFlaw, removeNameFlaws } from './name-flaw.ts'
import { Kind, NewKind, NewLabel, NewTaskId, NewWorkerName, TaskId } from './scalars.ts'

const invisible: ReadonlyArray<readonly [string, string, string]> = [
  ['a Hangul filler', '\u3164', 'U+3164'],
  ['a halfwidth Hangul filler', '\uffa0', 'U+FFA0'],
  ['a Hangul choseong filler', '\u115f', 'U+115F'],
  ['a Hangul jungseong filler', 'a\u1160', 'U+1160'],
  ['a Braille blank', '\u2800', 'U+2800'],
  ['a variation selector alone', '\ufe0f', 'U+FE0F'],
  ['a variation selector after a letter', 'a\ufe0f', 'U+FE0F'],
  ['a text variation selector', '❤\ufe0e', 'U+FE0E'],
  ['a supplementary variation selector', '漢\u{e0100}', 'U+E0100'],
  ['a Mongolian variation selector', 'a\u180b', 'U+180B'],
  ['a tag character', 'a\u{e0061}', 'U+E0061'],
  ['a soft hyphen', 'a\u00adb', 'U+00AD'],
  ['a grapheme joiner', 'a\u034fb', 'U+034F'],
  ['an Arabic letter mark', 'a\u061c', 'U+061C'],
  ['a Mongolian vowel separator', 'a\u180eb', 'U+180E'],
  ['a zero-width space', 'a\u200bb', 'U+200B'],
  ['a joiner at the end', 'क\u200d', 'U+200D'],
  ['a joiner at the start', '\u200dक', 'U+200D'],
  ['two joiners', 'क्\u200d\u200dष', 'U+200D'],
  ['a joiner between letters that it does not change', 'a\u200db', 'U+200D'],
  ['a non-joiner between letters that it does not change', 'а\u200cб', 'U+200C'],
  ['a right-to-left mark', 'a\u200fb', 'U+200F'],
  ['an override', 'a\u202eb', 'U+202E'],
  ['a word joiner', 'a\u2060b', 'U+2060'],
  ['an invisible times sign', 'a\u2062b', 'U+2062'],
  ['an annotation', 'a\ufff9b', 'U+FFF9'],
  ['a private-use character', 'a\ue000', 'U+E000'],
  ['a private-use character of another plane', '\u{100000}', 'U+100000'],
  ['a noncharacter', 'a\ufdd0', 'U+FDD0'],
  ['an unassigned character', 'a\u{2ffff}', 'U+2FFFF'],
  ['an empty note head', 'a\u{1d159}', 'U+1D159'],
  ['a Khitan filler', 'a\u{16fe4}', 'U+16FE4'],
  ['a combining mark without a base character', '\u0301a', 'U+0301'],
  ['an enclosing mark without a base character', '\u20e3', 'U+20E3'],
  ['a letter and a separate accent', 'cafe\u0301', 'U+0065'],
  ['a compatible angstrom', '\u212b', 'U+212B'],
]

const visible = [
  'inspect-docs',
  'café',
  '漢字',
  'Ελλάδα',
  'नमस्ते',
  'क्\u200dष',
  'می\u200cخواهم',
  '한글',
  '🦊',
  '❤\ufe0f',
  '👩\u200d💻',
  '👩🏽\u200d💻',
  '❤\ufe0f\u200d🔥',
  '1\ufe0f\u20e3',
  '🇩🇪',
  'x\u0338',
]

describe('a new name', () => {
  it.each(invisible)('is refused with %s, and the character is named', (_description, name, character) => {
    expect(findNameFlaw(name)).toContain(character)
    for (const codec of [NewTaskId, NewWorkerName, NewKind, NewLabel]) expect(codec.is(name)).toBe(false)
  })

  it.each(visible)('can be %s', name => {
    expect(findNameFlaw(name)).toBeUndefined()
    expect([NewTaskId, NewWorkerName, NewKind, NewLabel].map(codec => codec.is(name))).toEqual([true, true, true, true])
  })

  it('drawn from all of Unicode is not empty without its invisible characters, and is in NFC', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }), name => {
        if (!NewTaskId.is(name)) return
        expect(name.normalize('NFC')).toBe(name)
        expect(name.replace(/[\p{Default_Ignorable_Code_Point}\p{C}\p{Z}]/gu, '')).not.toBe('')
        expect(TaskId.is(name)).toBe(true)
      }),
      { seed: 20_250_101, numRuns: 20_000 },
    )
  })

  it('made from an invalid one has no flaw, or is empty', () => {
    const parts = fc.array(fc.constantFrom(...invisible.map(([, name]) => name), ...visible), { maxLength: 4 })
    fc.assert(
      fc.property(parts, names => {
        const cleaned = removeNameFlaws(names.join(''))
        expect(findNameFlaw(cleaned)).toBeUndefined()
      }),
      { seed: 20_250_101, numRuns: 2000 },
    )
  })
})

describe('an invisible name', () => {
  const filler = '\u3164'
  const state = buildState(at(0, opened(), added('t', 'docs')))
  const places: ReadonlyArray<readonly [string, UntimedCommand]> = [
    ['a new id', add({ kind: 'docs', taskId: filler })],
    ['a kind', add({ kind: filler })],
    ['a key', add({ kind: 'docs', key: filler })],
    ['a tag', add({ kind: 'docs', tags: [filler] })],
    ['a worker', claim(filler)],
    ['the author of a command', { command: 'hold', taskId: 't', by: filler }],
    ['a request id', { command: 'hold', taskId: 't', requestId: filler }],
    ['the kind of an amended task', { command: 'amend', taskId: 't', kind: filler }],
    ['a tag of an amended task', { command: 'amend', taskId: 't', tags: [filler] }],
    ['a kind that is paused', { command: 'pause', kind: filler }],
    ['a kind that is limited', { command: 'limit', kind: filler, limit: 1 }],
  ]

  it.each(places)('is bad input as %s, with the reason', (_description, input) => {
    const decided = decide(addCommandTime(0, input), state)
    expect(decided).toMatchObject({
      left: { error: 'bad_input', detail: [{ problem: expect.stringContaining('U+3164 is invisible') as string }] },
    })
  })

  it('is accepted from a log, and its task can be claimed and finished', () => {
    const log = buildLog(at(0, opened(), added(filler, filler), claimed(filler, filler)))
    for (const event of log) expect(E.isRight(decodeEvent(JSON.parse(encodeEvent(event))))).toBe(true)
    expect(Kind.is(filler)).toBe(true)
    const done = decide(
      addCommandTime(1, { command: 'complete', worker: filler, taskId: filler }),
      fold(emptyState(), log),
    )
    expect(E.isRight(done)).toBe(true)
  })
})
