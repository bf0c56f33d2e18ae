import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runAsServerUser } from './server-process.ts'

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/**
 * Makes an authority (`ca.crt`) in `folder`, and a key and certificate (`server.key`, `server.crt`) for 127.0.0.1 and
 * localhost that it signs. Returns the path of the authority's certificate.
 */
export const makeCertificates = async (folder: string): Promise<string> => {
  const openssl = (...args: ReadonlyArray<string>) => runAsServerUser('openssl', args, { cwd: folder })
  writeFileSync(join(folder, 'names.cnf'), 'subjectAltName = DNS:localhost, IP:127.0.0.1\n')
  const days = ['-days', '2']
  await openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.crt', ...days, '-subj', '/CN=claimlog test')
  await openssl('req', ...newKey, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost')
  const signer = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial']
  await openssl(
    ...['x509', '-req', '-in', 'server.csr', ...signer, '-out', 'server.crt', ...days, '-extfile', 'names.cnf'],
  )
  await runAsServerUser('chmod', ['600', 'server.key'], { cwd: folder })
  return join(folder, 'ca.crt')
}
