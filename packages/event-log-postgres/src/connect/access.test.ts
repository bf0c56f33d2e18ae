import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import * as E from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'
import { describeEachServer } from '../../testing/describe-each-server.ts'
import { createSampleWorkspace, openSampleLog, runSql, sampleCodec } from '../../testing/sample-postgres-log.ts'
import type { PostgresLocation, TlsMode } from '../postgres-location.ts'
import { openPostgresLog } from '../postgres-log.ts'

/** The failure to open a log, which must be none of a defect. */
const failToOpen = async (
  location: PostgresLocation,
  lockTimeoutMs = 500,
): Promise<Readonly<Record<string, unknown>>> => {
  const opened = await openPostgresLog({ location, codec: sampleCodec, lockTimeoutMs })()
  if (E.isRight(opened)) {
    await opened.right.close()
    throw new Error('it was opened')
  }
  return opened.left
}

const verified = (rootCertificates: string | undefined, checksHostName = true): TlsMode => ({
  _tag: 'verified',
  rootCertificates,
  rootCertificateFile: undefined,
  checksHostName,
})

describeEachServer(
  'a connection',
  getCluster => {
    it('is encrypted and verified if the certificate is of a trusted authority and for this host', async () => {
      const location = await createSampleWorkspace(getCluster())
      const authority = readFileSync(getCluster().authorityFile ?? '', 'utf8')
      const log = await openSampleLog({ ...location, tls: verified(authority) })
      const rows = await runSql(
        location,
        `SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'claimlog' AND state = 'idle'`,
      )
      await log.close()
      expect(rows).toContainEqual({ ssl: true })
    })

    it('is refused if the certificate is of another authority, before the password is sent', async () => {
      const location = await createSampleWorkspace(getCluster())
      const failure = await failToOpen({ ...location, tls: verified(undefined) })
      expect(failure).toMatchObject({ failure: 'Unreachable' })
      expect(String(failure['detail'])).toMatch(/certificate/)
    })

    it('is made without verification only if that is asked for', async () => {
      const location = await createSampleWorkspace(getCluster())
      const log = await openSampleLog({ ...location, tls: { _tag: 'unverified' } })
      await log.close()
    })

    it('that is turned away says why, and the password is in no failure', async () => {
      const location = await createSampleWorkspace(getCluster())
      const password = 'canary-3fd81c'
      const failures = await Promise.all([
        failToOpen({ ...location, password }),
        failToOpen({ ...location, password, user: 'missing-user' }),
        failToOpen({ ...location, password, database: 'missing' }),
        failToOpen({ ...location, password, hosts: [{ host: '127.0.0.1', port: 1 }] }),
        failToOpen({ ...location, password, workspace: 'missing' }),
      ])
      expect(failures.map(({ failure }) => failure)).toEqual(Array(5).fill('Unreachable'))
      expect(failures.slice(0, 2).map(({ code }) => code)).toEqual(['28P01', '28P01'])
      expect(inspect(failures, { depth: 10, showHidden: true })).not.toContain(password)
    })

    it('without a password, or to an untrusted server, fails at once and not at the deadline', async () => {
      const location = await createSampleWorkspace(getCluster())
      const [unknown, ignored, untrusted] = await Promise.all([
        failToOpen({ ...location, password: undefined }, 60_000),
        failToOpen({ ...location, password: undefined, ignoredPasswordFile: 'others may read ~/.pgpass' }, 60_000),
        failToOpen({ ...location, tls: verified(undefined) }, 60_000),
      ])
      expect(unknown).toMatchObject({ code: '28P01', detail: 'the server asks for a password, and none was given' })
      expect(ignored).toMatchObject({ detail: `${String(unknown['detail'])}: others may read ~/.pgpass` })
      // The time that it would take is 60 s.
      expect([unknown, ignored, untrusted].map(({ waitedMs }) => Number(waitedMs) < 30_000)).toEqual([true, true, true])
    })

    it('to a database without the workspace, or without claimlog, finds no log', async () => {
      const location = await createSampleWorkspace(getCluster())
      for (const other of [{ workspace: 'missing' }, { schema: 'missing' }, { database: 'template1' }])
        expect(await failToOpen({ ...location, ...other })).toMatchObject({ failure: 'NoLog' })
    })

    it('to a schema of a newer version is refused, and says which version it is', async () => {
      const location = await createSampleWorkspace(getCluster())
      await runSql(location, 'INSERT INTO claimlog.schema_version (version) VALUES (99)')
      const failure = await failToOpen(location)
      await runSql(location, 'DELETE FROM claimlog.schema_version WHERE version = 99')
      expect(failure).toMatchObject({ failure: 'UnknownFormat' })
      expect(String(failure['detail'])).toContain('99')
    })
  },
  { tls: true },
)
