import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { type ProgramSettings, runAsServerUser, writeOwnFile } from './server-process.ts'

/** The variable with the folder in which a test run keeps a new cluster of each server, for its test files to copy. */
export const templatesVariable = 'TEST_CLUSTER_TEMPLATES'

/**
 * Makes a new cluster in `dataFolder`; returns the superuser's password. The clusters of one server in one test run are
 * copies: they have the same password and the same system identifier.
 */
export const initialiseCluster = async (
  initdb: string,
  serverName: string,
  dataFolder: string,
  runtime: ProgramSettings,
): Promise<string> => {
  const templates = process.env[templatesVariable]
  const template = templates === undefined ? undefined : join(templates, serverName)
  const copy = (from: string, to: string) => runAsServerUser('cp', ['-a', from, to], runtime)
  if (template !== undefined && existsSync(template)) {
    await copy(join(template, 'data'), dataFolder)
    return readFileSync(join(template, 'password'), 'utf8')
  }
  const password = randomBytes(12).toString('hex')
  const passwordFile = join(runtime.cwd, 'password')
  writeOwnFile(passwordFile, password)
  const authentication = ['--auth-local=trust', '--auth-host=scram-sha-256', `--pwfile=${passwordFile}`]
  const contents = ['--username=postgres', '--encoding=UTF8', '--locale=C']
  // Only the initial files are not flushed: a test that loses the machine itself would have nothing to look at.
  await runAsServerUser(initdb, ['-D', dataFolder, '--no-sync', ...contents, ...authentication], runtime)
  if (template !== undefined) {
    const draft = `${template} ${password}`
    await runAsServerUser('mkdir', ['-m', '700', draft], runtime)
    await copy(passwordFile, join(draft, 'password'))
    await copy(dataFolder, join(draft, 'data'))
    publish(draft, template)
  }
  return password
}

/** Gives a template its name, complete; a no-op if another test file has made one in the meantime. */
const publish = (draft: string, template: string): void => {
  try {
    renameSync(draft, template)
  } catch (thrown) {
    if (!existsSync(template)) throw thrown
  }
}

/** Copies the files of a running cluster to `dataFolder`, to follow it from there; returns its password. */
export const followCluster = async (
  program: string,
  primary: {
    readonly socketFolder: string
    readonly port: number
    readonly user: string
    readonly password: string
  },
  dataFolder: string,
  runtime: ProgramSettings,
): Promise<string> => {
  const source = `host=${primary.socketFolder} port=${primary.port} user=${primary.user} application_name=standby`
  const args = ['-d', source, '-D', dataFolder, '-R', '-X', 'stream', '--checkpoint=fast', '--no-sync']
  await runAsServerUser(program, args, runtime)
  return primary.password
}
