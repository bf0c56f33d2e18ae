import * as E from 'fp-ts/lib/Either.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Event, lineCodec } from '@claimlog/domain'
import { memoryLog, memoryStorage } from '@claimlog/event-log'
import { type CommandInput, openWorkspace } from '@claimlog/workspace'
import type { JournaledCall, WorkerAnswer } from './journal.ts'
import { type Evidence, judge, type JudgedLine } from './judge.ts'
import type { Outage } from './outages.ts'

const startMs = Date.UTC(2025, 0, 1, 12)
const callMs = 10
const shortLeaseMs = 20_000
const lockTimeoutMs = 10_000

/**
 * The journals of two workers, and their log: lines 2, 3 and 4 add the tasks a, b and c; ann claims and
 * completes a; the lease of ben's claim of b expires, ann takes it over and renews it,
 * and it fails; she claims and releases c; ben claims c in the last line. Two requests of ann are sent twice.
 */
const recordSoundRun = async (): Promise<Evidence> => {
  let nowMs = startMs
  const storage = memoryStorage<Event>(() => nowMs)
  const workspace = openWorkspace({ log: memoryLog(storage) })
  const calls: Array<JournaledCall> = []
  const run = async (worker: string, input: unknown): Promise<void> => {
    const callStartMs = nowMs
    nowMs += callMs
    const answer = (await workspace.run(input as CommandInput)()) as WorkerAnswer
    if (E.isLeft(answer)) throw new Error(JSON.stringify(answer.left))
    const call = { journal: `${worker}-1`, worker, input: input as CommandInput, startMs: callStartMs, endMs: nowMs }
    calls.push({ ...call, answer })
  }
  await workspace.run({ command: 'open', workspace: 'w' })()
  for (const id of ['a', 'b', 'c'])
    await run('ann', { command: 'add', tasks: [{ kind: 'docs', taskId: id, payload: { id }, maxAttempts: 5 }] })
  await run('ann', { command: 'claim', worker: 'ann', kinds: [], leaseMs: 60_000 })
  await run('ann', { command: 'complete', worker: 'ann', taskId: 'a', token: 5 })
  await run('ben', { command: 'claim', worker: 'ben', kinds: [], leaseMs: shortLeaseMs })
  nowMs += shortLeaseMs
  const claim = { command: 'claim', worker: 'ann', kinds: [], leaseMs: 60_000, requestId: 'r-1' }
  await run('ann', claim)
  await run('ann', claim)
  await run('ann', { command: 'renew', worker: 'ann', taskId: 'b', token: 8, leaseMs: 90_000 })
  const failure = { command: 'fail', worker: 'ann', taskId: 'b', token: 8, error: 'no disk', requestId: 'r-2' }
  await run('ann', failure)
  await run('ann', failure)
  await run('ann', { command: 'claim', worker: 'ann', kinds: [], leaseMs: 60_000 })
  await run('ann', { command: 'release', worker: 'ann', taskId: 'c', token: 11 })
  await run('ben', { command: 'claim', worker: 'ben', kinds: [], leaseMs: 60_000 })
  await workspace.close()
  const lines = storage.events.map(event => JSON.parse(lineCodec.encode(event)) as JudgedLine)
  return { lines, calls, outages: [], lockTimeoutMs, startMs, endMs: nowMs }
}

describe('the judge of runs with faults', () => {
  let sound: Evidence

  beforeAll(async () => {
    sound = await recordSoundRun()
  })

  const lastSeq = 13
  const findCall = (journal: string, command: string): JournaledCall => {
    const found = sound.calls.filter(call => call.journal === journal && call.input.command === command).at(-1)
    if (found === undefined) throw new Error(`${journal} has no call of ${command}`)
    return found
  }
  const withoutLine = (seq: number): Evidence => ({ ...sound, lines: sound.lines.filter(line => line.seq !== seq) })
  const withLines = (...lines: ReadonlyArray<Partial<JudgedLine>>): Evidence => {
    const last = sound.lines.at(-1) as JudgedLine
    const added = lines.map((line, i) => ({ time: last.time, ...line, seq: lastSeq + 1 + i }) as JudgedLine)
    return { ...sound, lines: [...sound.lines, ...added] }
  }
  const withCall = (call: JournaledCall): Evidence => ({ ...sound, calls: [...sound.calls, call] })
  const changeCall = (changed: JournaledCall, fields: Partial<JournaledCall>): Evidence => ({
    ...sound,
    calls: sound.calls.map(call => (call === changed ? { ...call, ...fields } : call)),
  })
  const toFailure = (failure: string): WorkerAnswer => E.left({ failure })

  it('reports nothing about a sound run', () => {
    expect(sound.lines.map(({ event }) => event)).toEqual([
      ...['opened', 'added', 'added', 'added', 'claimed', 'completed', 'claimed'],
      ...['claimed', 'renewed', 'failed', 'claimed', 'released', 'claimed'],
    ])
    expect(judge(sound)).toEqual([])
  })

  it('reports an answered completion, or an answered task, that the log does not have', () => {
    expect(judge(withoutLine(6))).toEqual(['lost: completed a 5 was answered 1 times and is in the log 0 times'])
    expect(judge(withoutLine(9))).toEqual(['lost: renewed b 8 was answered 1 times and is in the log 0 times'])
    const added = { ...findCall('ann-1', 'add') }
    const input = { command: 'add', tasks: [{ kind: 'docs', payload: { id: 'd' } }] } as unknown as CommandInput
    expect(judge(withCall({ ...added, input }))).toEqual([
      'lost: added "d" was answered 1 times and is in the log 0 times',
    ])
  })

  it('reports an answered claim that the log does not have, or that is of another task or worker there', () => {
    const lost = /^lost: ben-1: .* got token 13, which the log does not have$/
    expect(judge(withoutLine(lastSeq))).toEqual([expect.stringMatching(lost)])
    const last = sound.lines.at(-1) as JudgedLine
    for (const other of [{ worker: 'ann' }, { task_id: 'b' }]) {
      const lines = [...sound.lines.slice(0, -1), { ...last, ...other }]
      expect(judge({ ...sound, lines })).toContainEqual(expect.stringMatching(lost))
    }
  })

  it('reports one claim that was answered to two workers of one name', () => {
    const call = findCall('ben-1', 'claim')
    expect(judge(withCall({ ...call, journal: 'ben-2' }))).toEqual([
      expect.stringMatching(/^twice: token 13 for ben-2: .* and ben-1: /),
    ])
    expect(judge(withCall(call))).toEqual([expect.stringMatching(/^twice: token 13 for ben-1: .* and ben-1: /)])
    const repeated = sound.calls.find(({ input }) => input.requestId === 'r-1') as JournaledCall
    expect(judge(withCall({ ...repeated, journal: 'ann-2' }))).toEqual([
      expect.stringMatching(/^twice: token 8 for ann-2: .* and ann-1: /),
    ])
  })

  it('reports a task that is claimed in the log while another claim is live', () => {
    const second = {
      event: 'claimed',
      task_id: 'c',
      worker: 'ann',
      attempt: 2,
      lease_until: '2025-01-01T13:00:00.000Z',
    }
    const open = { ...findCall('ann-1', 'claim'), journal: 'ann-2', answer: undefined, endMs: undefined }
    const { requestId: _, ...input } = open.input
    const evidence = { ...withLines(second), calls: [...sound.calls, { ...open, input: input as CommandInput }] }
    expect(judge(evidence)).toEqual([
      expect.stringMatching(/^line 14: a task is claimed only when no claim on it is live: ben has it until /),
    ])
  })

  it('reports a claim in the log that no call got as its answer', () => {
    const call = findCall('ben-1', 'claim')
    const unanswered = { ...sound, calls: sound.calls.filter(each => each !== call) }
    const problems = [`line ${lastSeq} is a claim that ben never got as an answer`]
    expect(judge(unanswered)).toEqual(problems)
    expect(judge(changeCall(call, { answer: E.left({ error: 'no_ready_task' }) }))).toEqual(problems)
    expect(judge(changeCall(call, { worker: 'ann', answer: undefined }))).toEqual(problems)
  })

  it('reports no claim of a call that was not answered, or whose outcome is unknown, in the log or not', () => {
    const call = findCall('ben-1', 'claim')
    for (const answer of [undefined, toFailure('OutcomeUnknown')]) {
      const outage = { startMs: call.startMs, endMs: call.startMs + lockTimeoutMs }
      const open = { ...changeCall(call, { answer }), outages: [outage] }
      expect(judge(open)).toEqual([])
      expect(judge({ ...open, lines: withoutLine(lastSeq).lines })).toEqual([])
    }
  })

  it('reports a claim that was answered before the lease of the claim before it ended by the clock of the machine', () => {
    const call = sound.calls.find(({ input }) => input.requestId === 'r-1') as JournaledCall
    const repeated = sound.calls.findLast(({ input }) => input.requestId === 'r-1') as JournaledCall
    const early = (ms: number): Evidence => {
      const calls = sound.calls.filter(each => each !== repeated)
      return { ...sound, calls: calls.map(each => (each === call ? { ...call, endMs: (call.endMs ?? 0) - ms } : each)) }
    }
    expect(judge(early(900))).toEqual([])
    expect(judge(early(5000))).toEqual([`line 8 claims b ${5000 - callMs} ms before its lease expires`])
  })

  it('reports a line whose time is not of the run', () => {
    const [first, last] = [sound.lines[0] as JudgedLine, sound.lines.at(-1) as JudgedLine]
    expect(judge({ ...sound, endMs: sound.endMs - 5000 - shortLeaseMs })).toContain(
      `line ${lastSeq} is of ${last.time}, when no worker ran`,
    )
    expect(judge({ ...sound, startMs: startMs + 1005 })[0]).toBe(`line 1 is of ${first.time}, when no worker ran`)
  })

  it('reports an event that no call can have led to', () => {
    const twice = { event: 'renewed', task_id: 'c', worker: 'ben', token: 13, lease_until: '2025-01-01T13:00:00.000Z' }
    expect(judge(withLines(twice))).toEqual(['doubled: renewed c 13 is in the log 1 times, from 0 calls'])
    const renewal = {
      ...findCall('ann-1', 'renew'),
      ...{ journal: 'ben-1', worker: 'ben', input: { command: 'renew', worker: 'ben', taskId: 'c', token: 13 } },
    } as unknown as JournaledCall
    const withTwo = withLines(twice, twice)
    expect(judge({ ...withTwo, calls: [...sound.calls, renewal] })).toEqual([
      'doubled: renewed c 13 is in the log 2 times, from 1 calls',
    ])
    expect(judge({ ...withTwo, calls: [...sound.calls, renewal, { ...renewal, answer: undefined }] })).toEqual([])
  })

  it('reports no renewal that changed nothing', () => {
    const renewal = findCall('ann-1', 'renew')
    const unchanged = E.right({ ...(renewal.answer as E.Right<object>).right, appended: 0 }) as WorkerAnswer
    expect(judge(withCall({ ...renewal, answer: unchanged }))).toEqual([])
  })

  describe('reports a failure that a worker was shown', () => {
    const failed = (failure = 'Unreachable'): JournaledCall => ({
      ...findCall('ann-1', 'renew'),
      answer: toFailure(failure),
    })
    const outage = (fromMs: number, toMs: number): Outage => ({ startMs: startMs + fromMs, endMs: startMs + toMs })
    /** The call that fails is made 20 s after the start. */
    const judgeOutages = (outages: ReadonlyArray<Outage>, call = failed()): ReadonlyArray<string> =>
      judge({ ...withCall(call), outages })
    const shown = [expect.stringMatching(/^failure: ann-1: .*"renew".* after 10 ms: \{"failure":"Unreachable"\}$/)]

    it('while there was no outage', () => {
      expect(judgeOutages([])).toEqual(shown)
      expect(judgeOutages([outage(1000, 19_000), outage(30_000, 50_000)])).toEqual(shown)
    })

    it('in an outage shorter than the lock timeout, and not in a longer one', () => {
      expect(judgeOutages([outage(15_000, 24_999)])).toEqual(shown)
      expect(judgeOutages([outage(15_000, 25_000)])).toEqual([])
    })

    it('in two outages with enough time in between, and not if they are as one', () => {
      const first = outage(10_000, 15_000)
      expect(judgeOutages([outage(19_000, 24_000), first])).toEqual(shown)
      expect(judgeOutages([outage(18_999, 24_000), first])).toEqual([])
      expect(judgeOutages([outage(11_000, 12_000), first, outage(18_999, 19_500)])).toEqual(shown)
    })

    it('in a long outage too, if it has nothing to do with that', () => {
      const damaged = failed('LogDamaged')
      expect(judgeOutages([outage(0, 60_000)], damaged)).toEqual([expect.stringContaining('"failure":"LogDamaged"')])
    })
  })

  it('reports no refusal', () => {
    const call = findCall('ann-1', 'renew')
    expect(judge(withCall({ ...call, answer: E.left({ error: 'not_holder' }) }))).toEqual([])
  })
})
