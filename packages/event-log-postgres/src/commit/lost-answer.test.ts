import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeEachServer } from '../../testing/describe-each-server.ts'
import { type FaultProxy, startFaultProxy } from '../../testing/fault-proxy/fault-proxy.ts'
import { createSampleWorkspace, openSampleLog, runSql } from '../../testing/sample-postgres-log.ts'
import type { PostgresLocation } from '../postgres-location.ts'
import type { PostgresLog } from '../postgres-log.ts'
import type { SampleEvent } from '@claimlog/event-log/conformance'

const done = { _tag: 'Right' }
const isAppend = ({ text }: { readonly text: string }): boolean => text.includes('.append(')

describeEachServer('a log behind a network that fails', getCluster => {
  let location: PostgresLocation
  let proxy: FaultProxy
  let log: PostgresLog<SampleEvent>

  beforeEach(async () => {
    location = await createSampleWorkspace(getCluster())
    proxy = await startFaultProxy(getCluster())
  })
  afterEach(async () => {
    await log.close()
    proxy.dispose()
  })

  const openThroughProxy = async (lockTimeoutMs: number): Promise<void> => {
    log = await openSampleLog({ ...location, hosts: [{ host: '127.0.0.1', port: proxy.port }] }, { lockTimeoutMs })
  }
  const add = (seq: number, word: string): Promise<unknown> => log.append(seq - 1, [{ seq, word }])()

  const readWords = async (): Promise<ReadonlyArray<string>> => {
    const rows = await runSql(
      location,
      `SELECT line FROM claimlog.events WHERE workspace = (SELECT id FROM claimlog.workspaces WHERE name = $1) ORDER BY seq`,
      [location.workspace],
    )
    return rows.map(({ line }) => (JSON.parse(String(line)) as SampleEvent).word)
  }

  it('does nothing when an append arrives again after it was answered', async () => {
    await openThroughProxy(10_000)
    const late = proxy.holdNext({ matching: isAppend })
    expect(await add(1, 'once')).toMatchObject(done)
    expect(await add(2, 'next')).toMatchObject(done)
    await late.deliver()
    expect(await readWords()).toEqual(['once', 'next'])
  })

  it('hides a black hole that is shorter than the lock timeout', async () => {
    await openThroughProxy(10_000)
    proxy.partition()
    const added = add(1, 'patient')
    setTimeout(() => void proxy.accept(), 1000)
    expect(await added).toMatchObject(done)
    expect(await readWords()).toEqual(['patient'])
  })

  it('is unreachable in a longer one, if nothing was sent, and works on afterwards', async () => {
    await openThroughProxy(1000)
    proxy.cutAll()
    proxy.refuse()
    // It learns that its connection is gone.
    expect(await log.read(0, () => undefined)()).toMatchObject({ left: { failure: 'Unreachable' } })
    expect(await add(1, 'never')).toMatchObject({ left: { failure: 'Unreachable' } })
    await proxy.accept()
    expect(await readWords()).toEqual([])
    expect(await add(1, 'later')).toMatchObject(done)
  })

  it('does not know the outcome in a longer one, if the append was sent, and shows it afterwards', async () => {
    await openThroughProxy(1000)
    const lost = proxy.failNext('lose-answer', { matching: isAppend })
    void lost.then(() => proxy.refuse())
    expect(await add(1, 'perhaps')).toMatchObject({ left: { failure: 'OutcomeUnknown', isUsable: true } })
    await proxy.accept()
    const words: Array<string> = []
    expect(await log.read(0, events => words.push(...events.map(({ word }) => word)))()).toMatchObject({ right: 1 })
    expect(words).toEqual(['perhaps'])
    expect(await add(2, 'next')).toMatchObject(done)
  })

  it('closes in a black hole at the latest when a call has to give up', async () => {
    await openThroughProxy(1000)
    proxy.partition()
    const added = add(1, 'closing')
    await log.close()
    expect(await added).toMatchObject({ _tag: 'Left' })
  })

  it('continues after each way in which a server restarts', async () => {
    await openThroughProxy(30_000)
    const cluster = getCluster()
    const ends = [() => cluster.stop('fast'), () => cluster.stop('immediate'), () => cluster.kill9()]
    for (const [index, end] of ends.entries()) {
      await end()
      const added = add(index + 1, `w${index}`)
      await cluster.restart()
      expect(await added).toMatchObject(done)
    }
    expect(await readWords()).toEqual(['w0', 'w1', 'w2'])
  })
})
