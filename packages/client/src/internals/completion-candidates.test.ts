import { expect, it } from 'vitest'
import { emptyState, type Event, fold } from '@claimlog/domain'
import { overlayTable } from '@claimlog/domain/table'
import { takeSnapshot } from '@claimlog/domain/testing'
import { candidatesMax, candidateTasks } from './completion-candidates.ts'

const time = '2025-01-01T12:00:00.000Z'
const backoff = { firstMs: 1, maxMs: 1 }

/** Enough tasks that reading all of them would be noticed. */
const taskCount = 40_000

it('only few of many tasks are read, for any source and any prefix', () => {
  const opened: Event = {
    seq: 1,
    event: 'opened',
    format: 1,
    workspace: 'w',
    leaseMs: 1,
    maxAttempts: 1,
    backoff,
    time,
  }
  const added = Array.from({ length: taskCount }, (_, i): Event => ({
    seq: i + 2,
    event: 'added',
    taskId: `t${i}`,
    kind: `kind-${i % 3}`,
    time,
  }))
  const state = fold(emptyState(), [opened, ...added])
  const { base, reads, entriesRead } = takeSnapshot(state)
  for (const source of ['any', 'open', 'finished', 'held', 'unclaimed', 'claimed'] as const)
    for (const prefix of ['', 't3', 't399', 'x']) {
      const before = reads() + entriesRead()
      const candidates = candidateTasks({ ...state, table: overlayTable(base) }, { source, worker: 'ann' }, prefix)
      expect(candidates.length).toBeLessThanOrEqual(candidatesMax + 2)
      expect(reads() + entriesRead() - before).toBeLessThan(5000)
    }
}, 60_000)
