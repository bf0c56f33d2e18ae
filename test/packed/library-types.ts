import { ClaimlogError, open, type Queue } from 'claimlog'

/** A program of a user that is compiled with the library's types. */
export const work = async (dir: string, signal: AbortSignal): Promise<number> => {
  const queue: Queue = await open({ dir })
  try {
    const { task, claim } = await queue.claim({ worker: 'ann', kinds: ['docs'], signal })
    await queue.complete({ worker: 'ann', taskId: task.id, token: claim.token, result: { pages: 12 } })
    const { completed } = await queue.worker(['docs'], held => held.task.title ?? null, { stop: signal })
    return completed
  } catch (thrown) {
    if (thrown instanceof ClaimlogError && thrown.error === 'no_ready_task') return 0
    throw thrown
  } finally {
    await queue.close()
  }
}

// @ts-expect-error a task needs a kind, so the types resolve and are not any
export const addWithoutKind = (queue: Queue): unknown => queue.add({ title: 'no kind' })

/** Interfaces of a user, without an index signature. */
interface Page {
  readonly url: string
}
interface Summary {
  readonly words: number
}

/** The same with types for payload and result. */
export const summarize = async (dir: string): Promise<number | undefined> => {
  const queue = await open<Page, Summary>({ dir })
  await queue.add({ kind: 'pages', payload: { url: 'https://example.org/' } })
  await queue.worker('pages', ({ task }) => ({ words: task.payload?.url.length ?? 0 }), { until: 'drained' })
  // @ts-expect-error the payload is not a page
  await queue.add({ kind: 'pages', payload: { address: 'https://example.org/' } })
  // @ts-expect-error the result is not a summary
  await queue.worker('pages', ({ task }) => task.id)
  return (await queue.show('pages-2')).task.result?.words
}

// @ts-expect-error an unknown option
export const claimWithKind = (queue: Queue): unknown => queue.claim({ worker: 'ann', kind: 'docs' })

// @ts-expect-error a Date is no JSON value
export const openWithDates = (): unknown => open<Date>()
