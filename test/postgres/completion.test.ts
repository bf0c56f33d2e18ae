import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { Cluster } from '../../packages/event-log-postgres/testing/cluster.ts'
import { describeEachServer } from '../../packages/event-log-postgres/testing/describe-each-server.ts'
import { claimlogPath, run, temporaryDirectory } from '../support/claimlog-process.ts'
import { ndjson } from '../support/cli-workspace.ts'

/** A port that forwards to a cluster, and the number of connections to it. */
const startCountingProxy = async ({ host, port }: Cluster) => {
  let connections = 0
  const server = createServer(client => {
    connections += 1
    const upstream = connect(port, host)
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy())
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, connections: () => connections }
}

/** A queue with enough events for a checkpoint, behind a proxy that counts connections. */
const createQueue = async (cluster: Cluster, workspace: string) => {
  const proxy = await startCountingProxy(cluster)
  const [cwd, home] = [temporaryDirectory(), temporaryDirectory()]
  const url = `postgres://${cluster.user}@127.0.0.1:${proxy.port}/postgres?workspace=${workspace}`
  const watchPath = join(home, 'watch.cjs')
  const filesPath = join(home, 'files')
  writeFileSync(
    watchPath,
    `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(filesPath)}, Object.keys(require.cache).join('\\n')))`,
  )
  const env = { HOME: home, XDG_CACHE_HOME: join(home, 'cache'), PGPASSWORD: cluster.password }
  const runHere = async (args: ReadonlyArray<string>, more: Readonly<Record<string, string>>, input = '') =>
    run(process.execPath, [claimlogPath, ...args], { cwd, input, env: { ...env, ...more } })
  const inQueue = async (args: ReadonlyArray<string>, input = ''): Promise<void> => {
    const { status, stderr } = await runHere(args, { CLAIMLOG_LOG: url }, input)
    expect(status, stderr).toBe(0)
  }
  await inQueue(['init'])
  // Only CLAIMLOG_LOG leads to it, so that its checkpoint is in the cache.
  rmSync(join(cwd, '.claimlog'), { recursive: true, force: true })
  const tasks = Array.from({ length: 600 }, (_, i) => ({ task_id: `t${i}`, kind: i % 2 === 0 ? 'docs' : 'ci' }))
  await inQueue(['add', '-'], ndjson(...tasks))
  await inQueue(['claim', 'ann', '--task', 't41'])
  await inQueue(['add', '-'], ndjson(...tasks.map(({ task_id, kind }) => ({ task_id: `late-${task_id}`, kind }))))
  const complete = async (
    words: ReadonlyArray<string>,
    more: Readonly<Record<string, string>> = { CLAIMLOG_LOG: url },
  ): Promise<ReadonlyArray<string>> => {
    const before = proxy.connections()
    const { status, stdout, stderr } = await runHere(['__complete', 'zsh', ...words], {
      NODE_OPTIONS: `--require ${watchPath}`,
      ...more,
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(proxy.connections()).toBe(before)
    expect(readFileSync(filesPath, 'utf8')).not.toContain('postgres.cjs')
    return stdout.split('\n').flatMap(line => (line === '' ? [] : (line.split('\t')[0] ?? '')))
  }
  return { complete, url, cwd, home, cache: join(home, 'cache', 'claimlog'), inQueue }
}

const suggestedNothing = ['words']

describeEachServer(
  'a shell completion for a log on a server',
  getCluster => {
    it('suggests tasks, kinds and workers of the last checkpoint, and connects to nothing', async () => {
      const { complete, url, cwd } = await createQueue(getCluster(), 'completions')
      expect(await complete(['show', 't41'])).toEqual([
        'words',
        't41',
        ...Array.from({ length: 10 }, (_, i) => `t41${i}`),
      ])
      expect(await complete(['complete', 'ann', ''])).toEqual(['words', 't41'])
      expect(await complete(['claim', 'bob', ''])).toEqual(['words', 'ci', 'docs'])
      expect(await complete(['complete', ''])).toEqual(['words', 'ann'])
      expect(await complete(['--log', url, 'complete', ''], {})).toEqual(['words', 'ann'])
      const withPassword = url.replace('@', ':other@')
      expect(await complete(['complete', ''], { CLAIMLOG_LOG: withPassword })).toEqual(['words', 'ann'])
      mkdirSync(join(cwd, '.claimlog'))
      writeFileSync(join(cwd, '.claimlog', 'config.json'), JSON.stringify({ log: url }))
      expect(await complete(['complete', ''], {})).toEqual(['words', 'ann'])
    })

    it('suggests nothing for a URL that no command here has used, nor from another cache', async () => {
      const { complete, url, home } = await createQueue(getCluster(), 'unused')
      expect(await complete(['complete', ''])).toEqual(['words', 'ann'])
      expect(await complete(['complete', ''], { CLAIMLOG_LOG: url.replace('unused', 'other') })).toEqual(
        suggestedNothing,
      )
      expect(await complete(['complete', ''], { CLAIMLOG_LOG: url, PGUSER: 'other' })).toEqual(suggestedNothing)
      expect(await complete(['complete', ''], { CLAIMLOG_LOG: url, XDG_CACHE_HOME: home })).toEqual(suggestedNothing)
    })

    it('ignores damaged and hostile files in the cache, and never writes there', async () => {
      const { complete, cache } = await createQueue(getCluster(), 'damaged')
      const urls = join(cache, 'urls')
      const [name = ''] = readdirSync(urls)
      const path = join(urls, name)
      const logId = readFileSync(path, 'utf8')
      expect(readdirSync(cache).sort()).toEqual([logId, 'urls'].sort())
      const outside = temporaryDirectory()
      symlinkSync(join(cache, logId), join(outside, 'elsewhere'))
      for (const text of ['', 'x', '../..', `../${logId}`, `${logId}\n`, `${logId}/../${logId}`, 'a'.repeat(1 << 20)]) {
        writeFileSync(path, text)
        expect(await complete(['complete', ''])).toEqual(suggestedNothing)
        expect(readFileSync(path, 'utf8')).toBe(text)
      }
      rmSync(path)
      symlinkSync(join(outside, 'id'), path)
      writeFileSync(join(outside, 'id'), logId)
      expect(await complete(['complete', ''])).toEqual(suggestedNothing)
      rmSync(path)
      writeFileSync(path, logId)
      expect(await complete(['complete', ''])).toEqual(['words', 'ann'])
      writeFileSync(join(cache, logId, 'derived', 'checkpoint.stamp'), '{}')
      expect(await complete(['complete', ''])).toEqual(suggestedNothing)
    })

    it('keeps the ids of at most 256 URLs', async () => {
      const { cache, inQueue } = await createQueue(getCluster(), 'bounded')
      const urls = join(cache, 'urls')
      const [name = ''] = readdirSync(urls)
      rmSync(join(urls, name))
      for (let i = 0; i < 256; i += 1) writeFileSync(join(urls, `url-${i}`), 'old')
      await inQueue(['status'])
      expect(readdirSync(urls)).toEqual([name])
    })
  },
  { isLong: true },
)
