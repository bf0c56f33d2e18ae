import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { errorText, stackText } from './thrown-error.ts'

/** An error with these frames. */
const makeError = (message: string, frames: ReadonlyArray<string>, options?: ErrorOptions): Error => {
  const error = new Error(message, options)
  error.stack = [`Error: ${message}`, ...frames.map(frame => `    at ${frame}`)].join('\n')
  return error
}

const own = 'work (/app/worker.mjs:3:9)'

describe('the text of a thrown value', () => {
  class HttpError extends Error {}
  const refused = ['connect ECONNREFUSED ::1:80', 'connect ECONNREFUSED 127.0.0.1:80'].map(text => new Error(text))
  const cyclic: Array<unknown> = []
  const cyclicAggregate = new AggregateError(cyclic)
  cyclicAggregate.errors.push(cyclicAggregate, cyclicAggregate)

  it.each<[string, unknown, string]>([
    ['the message of an error', new TypeError('x is not a function'), 'x is not a function'],
    ['the class of an error without a message', new HttpError(), 'HttpError'],
    ['the messages in an aggregate without one', new AggregateError(refused), refused.map(e => e.message).join('; ')],
    ['the class of an aggregate that contains itself', cyclicAggregate, 'AggregateError; AggregateError'],
    ['the message of an error of another realm', runInNewContext('new TypeError("far away")'), 'far away'],
    ['a string', 'no luck', 'no luck'],
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['the message of an object that has one', { code: 14, message: 'unavailable' }, 'unavailable'],
    ['the fields of an object', { status: 503, body: { retry: true } }, '{ status: 503, body: { retry: true } }'],
    ['the elements of a list', [1, 'two'], "[ 1, 'two' ]"],
  ])('is %s', (_, thrown, text) => {
    expect(errorText(thrown)).toBe(text)
  })
})

describe('the stack of a thrown value', () => {
  it('has the frames of the program, without those of Node and claimlog', () => {
    const error = makeError('no luck', [
      own,
      'node:internal/process/task_queues:105:5',
      'async readFile (node:fs:10:2)',
      'async run (file:///app/node_modules/claimlog/dist/index.js:1:1)',
      'async Promise.all (index 0)',
    ])
    expect(stackText(error)).toBe(`    at ${own}\n    at async Promise.all (index 0)`)
  })

  it('names the class of the error and each of its causes', () => {
    const response = { status: 503 }
    const cause = makeError('the server\nis down', ['get (/app/http.mjs:1:1)'], { cause: response })
    const error = Object.assign(makeError('no luck', [own], { cause }), { name: 'HttpError' })
    expect(stackText(error)).toBe(
      [
        'HttpError',
        `    at ${own}`,
        'caused by: Error: the server',
        '    at get (/app/http.mjs:1:1)',
        'caused by: { status: 503 }',
      ].join('\n'),
    )
  })

  it('has the errors of an aggregate as causes', () => {
    const error = new AggregateError([makeError('one', [own]), 'two'], 'both')
    error.stack = 'AggregateError: both'
    expect(stackText(error)).toBe(`AggregateError\ncaused by: Error: one\n    at ${own}\ncaused by: two`)
  })

  it('ends where causes form a cycle', () => {
    const error = makeError('one', [own])
    error.cause = makeError('two', [], { cause: error })
    expect(stackText(error)).toBe(`    at ${own}\ncaused by: Error: two\ncaused by: Error: one, again`)
  })

  it('does not take a line of the message for a frame', () => {
    expect(stackText(makeError('no luck\n    at home', [own]))).toBe(`    at ${own}`)
  })

  it('has at most 4 KiB, however long messages, frames and causes are', () => {
    const long = 'é'.repeat(5_000_000)
    let error = makeError(long, [own])
    for (let depth = 0; depth < 50; depth += 1)
      error = makeError(
        long,
        Array.from({ length: 100 }, () => `${long.slice(0, 200)} (/app/a.mjs:1:1)`),
        { cause: error },
      )
    const text = stackText(error) ?? ''
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096)
    expect(text.endsWith('\n…')).toBe(true)
  })

  it('has no end if a getter returns another cause each time, and is cut', () => {
    const endless = (): Error => Object.defineProperty(new Error('again'), 'cause', { get: endless })
    expect(stackText(endless())?.endsWith('\n…')).toBe(true)
  })

  it.each<[string, unknown]>([
    ['a string', 'no luck'],
    ['an object', { message: 'no luck', stack: 'at home' }],
    ['an error without a stack', Object.assign(new TypeError('no luck'), { stack: undefined })],
    ['an error whose stack is not text', Object.assign(new Error('no luck'), { stack: [{}] })],
    [
      'an error whose getters throw',
      Object.defineProperties(new Error('no luck'), {
        stack: {
          get: () => {
            throw new Error('no stack')
          },
        },
        cause: {
          get: () => {
            throw new Error('no cause')
          },
        },
      }),
    ],
  ])('is missing for %s', (_, thrown) => {
    expect(stackText(thrown)).toBeUndefined()
  })
})
