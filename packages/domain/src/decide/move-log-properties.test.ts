import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { addCommandTime, at, buildLog, opened } from '../../testing/decider-specification.ts'
import type { Event } from '../events/index.ts'
import { fold } from '../evolve/evolve.ts'
import { emptyState, findDeparture, type State } from '../state/state.ts'
import { decide } from './index.ts'

/** A place for a log. A server gives each log that is moved to it a new id; a directory has none. */
type Place = {
  readonly target: string
  readonly isServer: boolean
  id: string | undefined
  events: ReadonlyArray<Event>
}

const foldPlace = ({ id, events }: Pick<Place, 'id' | 'events'>): State => fold(emptyState(undefined, id), events)

/** A log accepts commands if the last `moved` event is its own; a place without a log does not. */
const accepts = (place: Pick<Place, 'id' | 'events'>): boolean =>
  place.events.length > 0 && findDeparture(foldPlace(place)) === undefined

/** The numbers of a run; the same seed gives the same run. */
const randomNumbers = (seed: number) => {
  let x = seed + 1
  return (below: number): number => {
    x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((x / 2 ** 32) * below)
  }
}

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

const appendDecided = (place: Place, minutes: number, input: Parameters<typeof addCommandTime>[1]): void => {
  const decided = decide(addCommandTime(minutes, input), foldPlace(place))
  if (E.isLeft(decided)) throw new Error(JSON.stringify(decided.left))
  place.events = [...place.events, ...decided.right.events]
}

const place = (target: string, isServer: boolean): Place => ({ target, isServer, id: undefined, events: [] })

describe.each(Array.from({ length: 40 }, (_, seed) => seed))(
  'moves among two servers and two directories, seed %i',
  seed => {
    it('leave exactly one log that accepts commands, whatever stale logs are left behind', () => {
      const random = randomNumbers(seed)
      const places = [
        place('/a', false),
        place('/b', false),
        place('postgres://p/db', true),
        place('postgres://q/db', true),
      ]
      let owner = places[0] as Place
      owner.events = buildLog(at(0, opened()))
      let nextId = 0
      for (let step = 1; step <= 30; step += 1) {
        if (random(2) === 0) appendDecided(owner, step, { command: random(2) === 0 ? 'pause' : 'resume', kind: 'docs' })
        const target = places[random(places.length)] as Place
        const isFileToFile = !owner.isServer && !target.isServer
        if (target === owner || isFileToFile) continue
        const logId = target.isServer ? uuid((nextId += 1)) : undefined
        // The lines of a target are a prefix, whatever log it is a stale copy of.
        expect(owner.events.slice(0, target.events.length)).toEqual(target.events)
        appendDecided(owner, step, { command: 'move', target: target.target, logId })
        // Until the line is in the target, no log accepts commands.
        expect(places.filter(each => each !== target && accepts(each))).toEqual([])
        target.id = logId
        target.events = owner.events
        owner = target
        expect(places.filter(accepts)).toEqual([owner])
      }
    })
  },
)
