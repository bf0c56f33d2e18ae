import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { MissingReason } from '../support/machine/it-if-possible.ts'

/** An installation of Node. */
export type NodeRelease = {
  readonly version: string
  /** The folder with its `bin`, and its headers in `include`, which the compilation of native modules needs. */
  readonly folder: string
}

/** The registry's name of the Node package for this system. */
export const nodePackage = `node-${process.platform}-${process.arch}`

/** The Node that runs the tests. */
export const thisNode: NodeRelease = { version: process.versions.node, folder: dirname(dirname(process.execPath)) }

/** The reason why native modules cannot be compiled for `node` without another download; undefined if they can. */
export const headersSkipReason = ({ version, folder }: NodeRelease): MissingReason =>
  existsSync(join(folder, 'include', 'node', 'node.h')) ? undefined : `Node ${version} is without its headers`

const parseMajor = (version: string): number => Number(version.split('.')[0])

/**
 * The last release of each of the newest `count` majors that the registry has for this system; undefined if it is
 * unreachable.
 */
export const newestReleases = async (count: number): Promise<ReadonlyArray<string> | undefined> => {
  // Without a network, this fails soon.
  const patience = ['--fetch-retries=0', '--fetch-timeout=10000']
  const response = promisify(execFile)('npm', ['view', nodePackage, 'versions', '--json', ...patience])
  const versions = await response.then(
    ({ stdout }) => JSON.parse(stdout) as ReadonlyArray<string>,
    () => undefined,
  )
  if (versions === undefined) return undefined
  const inOrder = versions
    .filter(version => /^\d+\.\d+\.\d+$/.test(version))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const lastOfMajor = new Map(inOrder.map(version => [parseMajor(version), version]))
  return count === 0 ? [] : [...lastOfMajor.values()].slice(-count)
}
