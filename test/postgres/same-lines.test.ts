import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'
import { type Event, lineCodec } from '@claimlog/domain'
import { openPostgresLog } from '../../packages/event-log-postgres/src/index.ts'
import { describeEachServer } from '../../packages/event-log-postgres/testing/describe-each-server.ts'
import { createSampleWorkspace } from '../../packages/event-log-postgres/testing/sample-postgres-log.ts'
import { runSampleCommands, writeSampleLog } from '../log/sample-log.ts'
import { claimlog, parseOutput, temporaryDirectory } from '../support/claimlog-process.ts'

describeEachServer('a log on a server', getCluster => {
  it('has the bytes of the file that the same commands, clock and ids make, and is verified like it', async () => {
    const location = await createSampleWorkspace(getCluster())
    const opened = await openPostgresLog<Event>({ location, codec: lineCodec })()
    if (E.isLeft(opened)) throw new Error(JSON.stringify(opened.left))
    await runSampleCommands(opened.right)
    const dir = temporaryDirectory()
    const bytes = await writeSampleLog()
    writeFileSync(join(dir, 'events.jsonl'), bytes)

    const { host, port, user, password } = getCluster()
    const url = `postgres://${user}@${host}:${port}/postgres?workspace=${location.workspace}`
    const runThere = (...args: ReadonlyArray<string>) =>
      claimlog([...args, '--log', url], { cwd: dir, env: { PGPASSWORD: password, HOME: temporaryDirectory() } })
    expect((await runThere('tail')).stdout).toBe(bytes.toString())
    expect((await runThere('export', 'log')).stdout).toBe(bytes.toString())
    const verified = parseOutput(await claimlog(['verify', '--json', '--dir', dir], { cwd: dir }))
    expect(verified).toMatchObject({ ok: true, seq: 200 })
    expect(parseOutput(await runThere('verify', '--json'))).toEqual(verified)
  })
})
