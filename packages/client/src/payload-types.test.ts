import type * as T from 'fp-ts/lib/Task.js'
import { describe, expectTypeOf, it } from 'vitest'
import type { Json } from '@claimlog/codecs'
import type * as byTaskEither from './fp-ts.ts'
import { type Handler, type HandlerContext, init, open, type Queue, type Task } from './index.ts'

/** Interfaces of a user: they have no index signature, so they do not extend `Json`. */
interface PageToRead {
  readonly url: string
  readonly depth?: number
  readonly links: ReadonlyArray<{ readonly to: string }>
}
interface PageSummary {
  words: number
}

// The compiler checks these calls; none of them runs.
const typedCalls = async (queue: Queue<PageToRead, PageSummary>, untyped: Queue): Promise<void> => {
  await queue.add({ kind: 'pages', payload: { url: 'https://example.org/', links: [{ to: 'a' }] } })
  // @ts-expect-error the payload is not a page
  await queue.add({ kind: 'pages', payload: { address: 'https://example.org/' } })
  // @ts-expect-error the payload is not a page
  await queue.addMany([{ kind: 'pages', payload: 5 }])
  // @ts-expect-error the payload is not a page
  await queue.amend('a', { payload: 5 })
  await queue.complete({ worker: 'ann', taskId: 'a', result: { words: 5 } })
  // @ts-expect-error the result is not a summary
  await queue.complete({ worker: 'ann', taskId: 'a', result: { words: 'five' } })
  // @ts-expect-error an unknown option
  await queue.claim({ worker: 'ann', kind: 'docs' })
  // @ts-expect-error the signal is an option
  await queue.status(AbortSignal.abort())
  // @ts-expect-error the kinds are the first argument
  await queue.worker('pages', () => undefined, { kinds: ['docs'] })

  await queue.worker('pages', ({ task }) => ({ words: task.payload?.url.length ?? 0 }))
  await queue.worker('pages', async () => undefined)
  // @ts-expect-error the result is not a summary
  await queue.worker('pages', ({ task }) => task.id)

  await untyped.add({ kind: 'pages', payload: { any: ['json', 5, null] } })
  await untyped.worker('pages', ({ task }) => task.payload ?? null)
  // @ts-expect-error no JSON value
  await untyped.add({ kind: 'pages', payload: new Date() })
}

const typedQueues = async (): Promise<void> => {
  expectTypeOf(await open()).toEqualTypeOf<Queue>()
  expectTypeOf(await open<PageToRead>()).toEqualTypeOf<Queue<PageToRead>>()
  expectTypeOf(await init<PageToRead, PageSummary>({ dir: 'queue' })).toEqualTypeOf<Queue<PageToRead, PageSummary>>()
  expectTypeOf(await open<PageToRead | 'none' | null, ReadonlyArray<[string, number]>>()).toHaveProperty('claim')
  // @ts-expect-error a Date is no JSON value
  await open<Date>()
  // @ts-expect-error a function is no JSON value
  await open<{ readonly call: () => void }>()
  // @ts-expect-error a bigint is no JSON value
  await init<PageToRead, { readonly words: bigint }>()
}

describe('a queue with types for payload and result', () => {
  it('accepts only these', () => {
    expectTypeOf(typedCalls).toBeFunction()
    expectTypeOf(typedQueues).toBeFunction()
  })

  it('returns them in every result', () => {
    type TypedQueue = Queue<PageToRead, PageSummary>
    type CallResult<Name extends keyof TypedQueue> = TypedQueue[Name] extends (...args: never) => Promise<infer A>
      ? A
      : never
    expectTypeOf<Task<PageToRead, PageSummary>['payload']>().toEqualTypeOf<PageToRead | undefined>()
    expectTypeOf<Task<PageToRead, PageSummary>['result']>().toEqualTypeOf<PageSummary | undefined>()
    expectTypeOf<Task['payload']>().toEqualTypeOf<Json | undefined>()
    expectTypeOf<CallResult<'claim'>['task']>().toEqualTypeOf<Task<PageToRead, PageSummary>>()
    expectTypeOf<CallResult<'claimMany'>['tasks'][number]['task']>().toEqualTypeOf<Task<PageToRead, PageSummary>>()
    expectTypeOf<CallResult<'show'>['task']>().toEqualTypeOf<Task<PageToRead, PageSummary>>()
    expectTypeOf<CallResult<'waitFor'>['tasks'][number]>().toEqualTypeOf<Task<PageToRead, PageSummary>>()
    expectTypeOf<CallResult<'list'>['tasks'][number]['payload']>().toEqualTypeOf<PageToRead | undefined>()
    expectTypeOf<NonNullable<CallResult<'complete'>['next']>['task']>().toEqualTypeOf<Task<PageToRead, PageSummary>>()
    expectTypeOf<CallResult<'addMany'>['tasks'][number]>().toEqualTypeOf<Task<PageToRead, PageSummary>>()
    expectTypeOf<HandlerContext<PageToRead, PageSummary>['task']>().toEqualTypeOf<Task<PageToRead, PageSummary>>()
    expectTypeOf<ReturnType<Handler<PageToRead, PageSummary>>>().toEqualTypeOf<
      PageSummary | void | Promise<PageSummary | void>
    >()
  })

  it('has the same types with task-eithers', () => {
    type TypedTaskEitherQueue = byTaskEither.Queue<PageToRead, PageSummary>
    expectTypeOf<Parameters<TypedTaskEitherQueue['complete']>[0]['result']>().toEqualTypeOf<PageSummary | undefined>()
    expectTypeOf<Parameters<Parameters<TypedTaskEitherQueue['worker']>[1]>[0]['task']>().toEqualTypeOf<
      Task<PageToRead, PageSummary>
    >()
    expectTypeOf<ReturnType<Parameters<TypedTaskEitherQueue['worker']>[1]>>().toExtend<T.Task<unknown>>()
  })
})
