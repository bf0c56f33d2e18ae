import pg from 'pg'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import type { Cluster } from '../../packages/event-log-postgres/testing/cluster.ts'
import { describeEachServer } from '../../packages/event-log-postgres/testing/describe-each-server.ts'
import { type FaultProxy, startFaultProxy } from '../../packages/event-log-postgres/testing/fault-proxy/fault-proxy.ts'

const connect = async ({ url }: { readonly url: () => string }, pipeline = false): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url(), pipeline })
  client.on('error', () => undefined)
  await client.connect()
  // A connection that the proxy swallows never says goodbye.
  onTestFinished(() => void client.end().catch(() => undefined))
  return client
}

const startProxy = async (cluster: Cluster): Promise<FaultProxy> => {
  const proxy = await startFaultProxy(cluster)
  onTestFinished(() => proxy.dispose())
  return proxy
}

const insert = 'INSERT INTO words VALUES ($1)'
const isInsert = ({ text }: { readonly text: string }): boolean => text === insert

describeEachServer('a fault proxy', getCluster => {
  let proxy: FaultProxy
  let client: pg.Client
  /** Connected without the proxy. */
  let witness: pg.Client

  const readWords = async (): Promise<ReadonlyArray<string>> =>
    (await witness.query<{ word: string }>('SELECT word FROM words ORDER BY word')).rows.map(({ word }) => word)

  beforeEach(async () => {
    proxy = await startProxy(getCluster())
    witness = await connect(getCluster())
    await witness.query('DROP TABLE IF EXISTS words; CREATE TABLE words (word text)')
    client = await connect(proxy)
  })

  it('passes on requests and answers of any size, and several at once', async () => {
    const large = 'x'.repeat(5_000_000)
    const pipelined = await connect(proxy, true)
    const answers = ['one', large, 'two'].map(text =>
      pipelined.query<{ text: string }>('SELECT $1::text AS text', [text]),
    )
    const texts = (await Promise.all(answers)).map(({ rows }) => rows[0]?.text)
    expect(texts).toEqual(['one', large, 'two'])
    expect(proxy.counts()).toEqual({})
  })

  it('cuts before the server gets the request', async () => {
    const met = proxy.failNext('cut-request')
    await expect(client.query(insert, ['cut'])).rejects.toThrow(/ECONNRESET|terminated/)
    expect((await met).text).toBe(insert)
    expect(await readWords()).toEqual([])
    expect(proxy.counts()).toEqual({ 'cut-request': 1 })
  })

  it('loses the answer of work that is done', async () => {
    const met = proxy.failNext('lose-answer')
    await expect(client.query(insert, ['lost'])).rejects.toThrow(/ECONNRESET|terminated/)
    await met
    expect(await readWords()).toEqual(['lost'])
  })

  it('cuts in the middle of an answer', async () => {
    const met = proxy.failNext('cut-answer')
    await expect(client.query(`${insert} RETURNING word`, ['half'])).rejects.toThrow('terminated')
    await met
    expect(await readWords()).toEqual(['half'])
  })

  it('delivers a request after the client has asked again', async () => {
    const late = proxy.holdNext({ matching: isInsert })
    await expect(client.query(insert, ['late'])).rejects.toThrow(/ECONNRESET|terminated/)
    expect((await late.held).connection).toBe(1)
    expect(await readWords()).toEqual([])
    await (await connect(proxy)).query(insert, ['again'])
    expect(await readWords()).toEqual(['again'])
    await late.deliver()
    expect(await readWords()).toEqual(['again', 'late'])
  })

  it('delays a request and those behind it', async () => {
    const met = proxy.failNext('delay', { matching: isInsert, ms: 50 })
    const pipelined = await connect(proxy, true)
    const inserted = pipelined.query(insert, ['delayed'])
    const { rows } = await pipelined.query('SELECT word FROM words')
    expect(rows).toEqual([{ word: 'delayed' }])
    await Promise.all([met, inserted])
  })

  it('closes its half of a connection in place of an answer', async () => {
    const met = proxy.failNext('half-close')
    await expect(client.query(insert, ['half-closed'])).rejects.toThrow('terminated')
    await met
    expect(await readWords()).toEqual(['half-closed'])
  })

  it('swallows a request, or an answer, and leaves the connection open', async () => {
    const other = await connect(proxy)
    let isSettled = false
    const ask = (asking: pg.Client, word: string) =>
      void asking.query(insert, [word]).then(
        () => (isSettled = true),
        () => (isSettled = true),
      )
    const requestMet = proxy.failNext('swallow-request')
    ask(client, 'request')
    await requestMet
    const answerMet = proxy.failNext('swallow-answer')
    ask(other, 'answer')
    await answerMet
    expect(await readWords()).toEqual(['answer'])
    // A third connection works, so the answers of the two would have come by now.
    await (await connect(proxy)).query('SELECT 1')
    expect(isSettled).toBe(false)
  })

  it('lets faults meet only the requests that match, by the text of a prepared statement too', async () => {
    const append = { name: 'append', text: insert }
    await client.query({ ...append, values: ['one'] })
    const met = proxy.failNext('lose-answer', { matching: isInsert })
    await client.query('SELECT 1')
    await expect(client.query({ ...append, values: ['two'] })).rejects.toThrow()
    expect((await met).text).toBe(insert)
    expect(await readWords()).toEqual(['one', 'two'])
  })

  it('takes the answer from the right one of several requests at once', async () => {
    const pipelined = await connect(proxy, true)
    const met = proxy.failNext('lose-answer', { matching: isInsert })
    const [read, written] = [pipelined.query('SELECT 1 AS one'), pipelined.query(insert, ['last'])]
    written.catch(() => undefined)
    expect((await read).rows).toEqual([{ one: 1 }])
    await expect(written).rejects.toThrow()
    await met
    expect(await readWords()).toEqual(['last'])
  })

  it('loses the answer of a transaction sent as one simple query', async () => {
    const met = proxy.failNext('lose-answer')
    await expect(client.query(`BEGIN; INSERT INTO words VALUES ('both'); COMMIT`)).rejects.toThrow()
    await met
    expect(await readWords()).toEqual(['both'])
  })

  it('refuses new connections for a while, and keeps the others', async () => {
    proxy.refuse()
    await expect(connect(proxy)).rejects.toThrow('ECONNREFUSED')
    await client.query('SELECT 1')
    await proxy.accept()
    await (await connect(proxy)).query('SELECT 1')
  })

  it('is a network without a way to the server for a while', async () => {
    proxy.partition()
    const stuck = new pg.Client({ connectionString: proxy.url(), connectionTimeoutMillis: 200 })
    await expect(stuck.connect()).rejects.toThrow('timeout')
    let isSettled = false
    void client
      .query(insert, ['swallowed'])
      .finally(() => (isSettled = true))
      .catch(() => undefined)
    await proxy.accept()
    await (await connect(proxy)).query(insert, ['healed'])
    expect(isSettled).toBe(false)
    expect(await readWords()).toEqual(['healed'])
  })

  it('resets all connections', async () => {
    const sleeps = client.query('SELECT pg_sleep(60)')
    proxy.cutAll()
    await expect(sleeps).rejects.toThrow(/ECONNRESET|terminated/)
  })

  it('connects to a server that has restarted, and passes the end of its connections on', async () => {
    await getCluster().restart()
    await expect(client.query('SELECT 1')).rejects.toThrow()
    await (await connect(proxy)).query('SELECT 1')
  })

  it('passes notifications on', async () => {
    const notified = new Promise(resolve => client.on('notification', ({ payload }) => resolve(payload)))
    await client.query('LISTEN words')
    await witness.query(`NOTIFY words, 'hello'`)
    expect(await notified).toBe('hello')
  })

  it('chooses the same random faults with the same seed', async () => {
    const rates = { 'cut-request': 20, 'lose-answer': 20, delay: 10 }
    const run = async (seed: number) => {
      const seeded = await startProxy(getCluster())
      seeded.failRandomly(seed, rates, { matching: isInsert, msMax: 5 })
      const words: Array<string> = []
      for (let n = 10; n < 50; n += 1) {
        const worker = await connect(seeded)
        await worker.query(insert, [`${seed}-${n}`]).then(
          () => words.push(`${n}`),
          () => undefined,
        )
        await worker.end().catch(() => undefined)
      }
      return { words, counts: seeded.counts() }
    }
    const first = await run(1)
    const inserted = (await readWords()).length
    expect(first.words.length).toBeLessThan(40)
    expect(inserted).toBe(first.words.length + (first.counts['lose-answer'] ?? 0))
    expect(await run(1)).toEqual(first)
    expect((await run(2)).words).not.toEqual(first.words)
  })
})
