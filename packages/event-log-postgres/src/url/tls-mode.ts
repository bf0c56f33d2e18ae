import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { isLocal, type ServerAddress, type TlsMode } from '../postgres-location.ts'

/** The parameters of TLS in the URL, else in the environment. */
type TlsSettings = {
  readonly sslmode: string | undefined
  readonly sslrootcert: string | undefined
  readonly hosts: ReadonlyArray<ServerAddress>
  /** undefined: the user has no home directory. */
  readonly home: string | undefined
}

/** The modes that are permitted, from the weakest to the strongest. */
const modes = ['disable', 'no-verify', 'require', 'verify-ca', 'verify-full']

/**
 * Checks that `sslmode` of a URL in a file, perhaps of a repository that was cloned, is not weaker than the mode that
 * the user has without it.
 */
export const checkFileMode = (sslmode: string | undefined, usual: TlsSettings): E.Either<string, void> => {
  const usualMode = usual.sslmode ?? defaultMode(usual)
  return sslmode === undefined || !modes.includes(sslmode) || modes.indexOf(sslmode) >= modes.indexOf(usualMode)
    ? E.right(undefined)
    : E.left(
        `sslmode=${sslmode} in a file is weaker than ${usualMode}; set PGSSLMODE=${sslmode}, or name the log by --log or CLAIMLOG_LOG`,
      )
}

const weakModes = 'encrypts only if the server wants to, so anyone on the way can switch it off'

/**
 * Chooses the mode of TLS: `verify-full`, but `disable` if all hosts are on this machine and no authority is given. A
 * weaker mode has to be asked for: `verify-ca`, `require` (which verifies, as in libpq, if there are certificates of
 * authorities), `no-verify`, and `disable`, for a private network. `allow` and `prefer`, which protect from nothing
 * that is done on purpose, are refused.
 */
export const chooseTlsMode = ({ sslmode, sslrootcert, hosts, home }: TlsSettings): E.Either<string, TlsMode> => {
  const mode = sslmode ?? defaultMode({ sslrootcert, hosts })
  switch (mode) {
    case 'disable':
      return E.right({ _tag: 'off' })
    case 'no-verify':
      return E.right({ _tag: 'unverified' })
    case 'require':
      return (sslrootcert ?? findDefaultFile(home)) === undefined
        ? E.right({ _tag: 'unverified' })
        : verified(sslrootcert, home, sslrootcert === 'system')
    case 'verify-ca':
      // Anyone can get a certificate from an authority that everyone trusts.
      if (sslrootcert === 'system') return E.left('sslrootcert=system needs sslmode=verify-full')
      return (sslrootcert ?? findDefaultFile(home)) === undefined
        ? E.left('sslmode=verify-ca needs sslrootcert, or ~/.postgresql/root.crt; verify-full also works without')
        : verified(sslrootcert, home, false)
    case 'verify-full':
      return verified(sslrootcert, home, true)
    case 'allow':
    case 'prefer':
      return E.left(`sslmode=${mode} ${weakModes}; write disable, require or verify-full`)
  }
  return E.left('sslmode is none of verify-full, verify-ca, require, no-verify and disable')
}

const defaultMode = ({ sslrootcert, hosts }: Pick<TlsSettings, 'sslrootcert' | 'hosts'>): string =>
  sslrootcert === undefined && hosts.every(isLocal) ? 'disable' : 'verify-full'

const verified = (
  sslrootcert: string | undefined,
  home: string | undefined,
  checksHostName: boolean,
): E.Either<string, TlsMode> => {
  const mode = { _tag: 'verified', rootCertificateFile: sslrootcert, checksHostName } as const
  const path = sslrootcert ?? findDefaultFile(home)
  if (path === undefined || path === 'system') return E.right({ ...mode, rootCertificates: undefined })
  if (!isAbsolute(path)) return E.left('sslrootcert is not an absolute path; commands run in more than one directory')
  try {
    return E.right({ ...mode, rootCertificates: readFileSync(path, 'utf8') })
  } catch (thrown) {
    return E.left(`could not read ${path}, the certificates of sslrootcert: ${(thrown as Error).message}`)
  }
}

/** libpq's file of trusted authorities, if there is one. */
const findDefaultFile = (home: string | undefined): string | undefined => {
  const path = home === undefined ? undefined : join(home, '.postgresql/root.crt')
  return path !== undefined && existsSync(path) ? path : undefined
}
