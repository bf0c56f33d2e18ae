import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  askForCleartext,
  askForMd5,
  askForScram,
  authenticationOk,
  continueScram,
  errorResponse,
  type HostileServer,
  message,
  readyForQuery,
  answerRow,
  type Script,
  startHostileServer,
} from '../../packages/event-log-postgres/testing/hostile-server.ts'
import { claimlog, type ProcessResult, temporaryDirectory } from '../support/claimlog-process.ts'

const canary = 'canary-5d1f7e'
const user = 'ann'

const start = async (script: Script): Promise<HostileServer> => {
  const server = await startHostileServer(script)
  onTestFinished(() => server.dispose())
  return server
}

const serverUrl = ({ port }: HostileServer, parameters = ''): string =>
  `postgres://${user}@127.0.0.1:${port}/app?workspace=docs${parameters}`

/** A checkout whose `config.json`, which came with it, leads to a server. */
const cloneWithConfig = (log: string): string => {
  const checkout = temporaryDirectory()
  mkdirSync(join(checkout, '.claimlog'))
  writeFileSync(join(checkout, '.claimlog', 'config.json'), JSON.stringify({ log }))
  return checkout
}

const runClaimlog = (cwd: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>>) =>
  claimlog([...args], { cwd, env: { HOME: temporaryDirectory(), CLAIMLOG_LOCK_TIMEOUT: '2s', ...env } })

/** The ways to have a password for a server without a URL that contains it. */
const passwordSources: Readonly<Record<string, () => Readonly<Record<string, string>>>> = {
  PGPASSWORD: () => ({ PGPASSWORD: canary }),
  PGPASSFILE: () => {
    const path = join(temporaryDirectory(), 'pgpass')
    writeFileSync(path, `*:*:*:*:${canary}\n`, { mode: 0o600 })
    return { PGPASSFILE: path }
  },
}

/** Nothing that a password can be taken from at once arrived, in any form. */
const expectNoPassword = (server: HostileServer): void => {
  const received = server.received().toString('latin1')
  expect(received).not.toContain(canary)
  expect(received).not.toContain(server.md5Response(user, canary))
  expect(received).not.toContain('md5')
}

const logIns: ReadonlyArray<readonly [string, Script, RegExp]> = [
  ['for the password in clear text', send => send(askForCleartext), /asks for the password in clear text/],
  ['for its MD5 hash', send => send(askForMd5), /asks for an MD5 hash/],
  [
    'for SCRAM, and then for clear text',
    (send, _message, index) => send(index === 0 ? askForScram : askForCleartext),
    /asks for the password in clear text/,
  ],
  [
    'for SCRAM with one iteration, which makes guessing cheap',
    (send, received, index) => send(index === 0 ? askForScram : continueScram(received, 1)),
    /hashed fewer than 4096 times/,
  ],
  [
    'for SCRAM with a billion iterations, which would take an hour',
    (send, received, index) => send(index === 0 ? askForScram : continueScram(received, 1_000_000_000)),
    /iteration count/,
  ],
  [
    'for SCRAM, and then lets everyone in without a proof that it knows the password',
    (send, received, index) => {
      if (index === 0) send(askForScram)
      else if (index === 1) send(continueScram(received))
      else send(authenticationOk, readyForQuery)
    },
    /does not prove that it knows the password/,
  ],
  [
    'for SCRAM, and lets everyone in at once',
    send => send(askForScram, authenticationOk, readyForQuery),
    /does not prove that it knows the password/,
  ],
]

describe('a server that the config.json of a cloned repository names', () => {
  for (const [title, script, detail] of logIns)
    it.each(Object.keys(passwordSources))(`and that asks ${title} gets no password from %s`, async source => {
      const server = await start(script)
      const result = await runClaimlog(cloneWithConfig(serverUrl(server)), ['list'], passwordSources[source]?.() ?? {})
      expect(result.status).toBe(1)
      expect(result.stderr).toMatch(detail)
      expect(result.stderr).not.toContain(canary)
      expect(server.connections()).toBeGreaterThan(0)
      expectNoPassword(server)
    })

  it('gets none by a URL that requires SCRAM, as the commands of claimlog work have it', async () => {
    const server = await start(send => send(askForCleartext))
    const checkout = cloneWithConfig(serverUrl(server))
    const asChild = { PGPASSWORD: canary, CLAIMLOG_LOG: serverUrl(server, '&require_auth=scram-sha-256,none') }
    expect((await runClaimlog(checkout, ['list'], asChild)).stderr).toContain('asks for the password in clear text')
    expectNoPassword(server)
  })

  it('gets one in the form that it asks for if the user names it', async () => {
    const server = await start(send => send(askForCleartext))
    await runClaimlog(temporaryDirectory(), ['list'], { PGPASSWORD: canary, CLAIMLOG_LOG: serverUrl(server) })
    expect(server.received().toString('latin1')).toContain(canary)
  })

  it('is not reached in a weaker way than usual, and not with a password file that it chooses', async () => {
    const server = await start(send => send(authenticationOk, readyForQuery))
    const results = await Promise.all([
      runClaimlog(cloneWithConfig(serverUrl(server, '&sslmode=disable')), ['list'], { PGSSLMODE: 'verify-full' }),
      runClaimlog(cloneWithConfig(serverUrl(server, '&passfile=/srv/pass')), ['list'], {}),
    ])
    expect(results.map(({ status }) => status)).toEqual([2, 2])
    expect(results[0]?.stderr).toContain('sslmode=disable in a file is weaker than verify-full')
    expect(results[1]?.stderr).toContain('does not name a passfile')
    expect(server.connections()).toBe(0)
  })
})

const logInFreely: Script = (send, _message, index) => (index === 0 ? send(authenticationOk, readyForQuery) : undefined)

/** A row of the workspace, as of a server that has one. */
const workspaceRow = {
  id: '1',
  log_id: 'aaaaaaaa-0000-4000-8000-000000000000',
  accepting: 't',
  version: '1',
  encoding: 'UTF8',
  at: '1790000000000',
}

const answering =
  (change: Readonly<Record<string, string>>): Script =>
  (send, received, index) => {
    if (index === 0) send(authenticationOk, readyForQuery)
    else if (received.type === 'S') send(...answerRow({ ...workspaceRow, ...change }), readyForQuery)
  }

const escape = '\u001b[2J\u001b]0;owned\u0007\u202e'

const answers: Readonly<Record<string, Script>> = {
  'an error with control characters and of 20 MiB': send =>
    send(errorResponse(`${escape}${'x'.repeat(20 * 1024 * 1024)}`)),
  'a message without an end': send => send(Buffer.from('Z\0\0\0\0ZZZZ'), Buffer.from('T\0\0\0\x05\xff', 'latin1')),
  'an unknown log-in': send => send(message('R', 99)),
  'a line of text': send => send(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n<html>')),
  'nothing at all': () => undefined,
  'notices without an end': send => {
    const notice = message('N', `SNOTICE`, `M${'n'.repeat(1024 * 1024)}`, Buffer.from('\0'))
    for (let i = 0; i < 128; i += 1) send(notice)
  },
  'a row whose length is 2 GiB': (send, received, index) => {
    logInFreely(send, received, index)
    if (index === 1) send(Buffer.from('D\x7f\xff\xff\xff', 'latin1'), Buffer.alloc(65 * 1024 * 1024))
  },
  'another encoding with control characters': answering({ encoding: escape }),
  'an id of a log that is a path': answering({ log_id: '../../../../tmp/evil' }),
  'no number of a workspace': answering({ id: 'NaN' }),
  'a clock at the end of time': answering({ at: '8640000000000001' }),
  'columns with names of prototypes': answering({ __proto__: 'x', constructor: 'y', id: '' }),
}

/** Every character that a terminal would act on, but line ends. */
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

describe('a hostile server that answers', () => {
  it.each(Object.keys(answers))('%s is a failure with an exit code, shown in plain text', async name => {
    const server = await start(answers[name] as Script)
    const checkout = cloneWithConfig(serverUrl(server))
    const results = await Promise.all([
      runClaimlog(checkout, ['list'], { PGPASSWORD: canary }),
      runClaimlog(checkout, ['claim', 'ann', 'docs'], { PGPASSWORD: canary }),
      runClaimlog(checkout, ['doctor'], { PGPASSWORD: canary }),
    ])
    const summary = ({ status, stdout, stderr }: ProcessResult): string => `${status} ${stdout} ${stderr}`
    for (const result of results) {
      expect([1, 2], summary(result)).toContain(result.status)
      expect(result.stdout + result.stderr).not.toMatch(controls)
      expect(result.stdout + result.stderr).not.toMatch(/internal|node:|at file:/)
      expect(result.stdout.length + result.stderr.length).toBeLessThan(10_000)
    }
    expectNoPassword(server)
  })

  it.each([
    ['a path', '../../../../outside'],
    ['an absolute path', '/tmp/outside'],
    ['empty', ''],
    ['a UUID and a path', `${workspaceRow.log_id}/../../outside`],
    ['a UUID and a line end', `${workspaceRow.log_id}\n`],
    ['in upper case', workspaceRow.log_id.toUpperCase()],
    ['very long', 'a'.repeat(100_000)],
    ['dots', '..'],
  ])('an id of a log that is %s writes nothing, in the cache or elsewhere', async (_title, logId) => {
    const server = await start(answering({ log_id: logId }))
    const [cwd, home] = [temporaryDirectory(), temporaryDirectory()]
    const env = { HOME: home, XDG_CACHE_HOME: join(home, 'a', 'b', 'cache'), CLAIMLOG_LOG: serverUrl(server) }
    for (const args of [['list'], ['claim', 'ann', 'docs'], ['doctor'], ['prime']]) await runClaimlog(cwd, args, env)
    expect(server.connections()).toBeGreaterThan(0)
    expect([readdirSync(cwd), readdirSync(home)]).toEqual([[], []])
  })

  it('an id of a log that is a UUID leads to a directory of that name in the cache', async () => {
    const server = await start(answering({}))
    const [cwd, home] = [temporaryDirectory(), temporaryDirectory()]
    const env = { HOME: home, XDG_CACHE_HOME: join(home, 'cache'), CLAIMLOG_LOG: serverUrl(server) }
    await runClaimlog(cwd, ['list'], env)
    expect(readdirSync(join(home, 'cache', 'claimlog')).sort()).toEqual([workspaceRow.log_id, 'urls'])
    expect([readdirSync(cwd), readdirSync(home)]).toEqual([[], ['cache']])
  })
})
