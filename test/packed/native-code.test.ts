import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { temporaryDirectory } from '../support/claimlog-process.ts'
import { itIfPossible } from '../support/machine/it-if-possible.ts'
import { type CleanEnvironment, createEnvironment, pack, type Tarball } from './clean-install.ts'
import { headersSkipReason, newestReleases, thisNode } from './node-releases.ts'

const folder = mkdtempSync(join(tmpdir(), 'claimlog-native-'))
let tarball: Tarball
beforeAll(async () => {
  tarball = await pack(folder)
})
afterAll(() => rmSync(folder, { recursive: true }))

const prebuilt = 'fs-ext-extra-prebuilt'
const binary = `binaries/fs-ext-${process.platform}-${process.arch}-node-${process.versions.node.split('.')[0]}.0.0.node`
const fromPackage = createRequire(new URL('../../packages/claimlog/package.json', import.meta.url))
const isPrebuiltHere = (() => {
  try {
    return existsSync(fromPackage.resolve(`${prebuilt}/${binary}`))
  } catch {
    return false
  }
})()
const prebuiltSkipReason = isPrebuiltHere ? undefined : `${prebuilt} has nothing for this Node`
const registrySkipReason =
  (await newestReleases(0)) === undefined
    ? 'no registry is reachable'
    : (headersSkipReason(thisNode) ?? prebuiltSkipReason)

describe('a file that one process has locked', () => {
  const program = fileURLToPath(new URL('../programs/hold-lock.mjs', import.meta.url))
  const start = (name: string, path: string): ChildProcess => spawn(process.execPath, [program, name, path])
  const tryLock = (name: string, path: string): string =>
    spawnSync(process.execPath, [program, name, path], { encoding: 'utf8', input: '' }).stdout

  for (const [first, second] of [
    ['fs-ext', prebuilt],
    [prebuilt, 'fs-ext'],
  ] as const)
    itIfPossible(prebuiltSkipReason)(`through ${first} cannot be locked by another through ${second}`, async () => {
      const path = join(temporaryDirectory(), 'file')
      writeFileSync(path, '')
      const holder = start(first, path)
      await once(holder.stdout ?? holder, 'data')
      expect(tryLock(second, path)).toBe('EAGAIN\n')
      holder.stdin?.end()
      await once(holder, 'close')
      expect(tryLock(second, path)).toBe('held\n')
    })
})

/** An environment with this Node, npm and the programs that npm needs to run a script, and without a compiler. */
const environmentWithoutCompiler = (): CleanEnvironment => {
  const home = temporaryDirectory()
  const bin = join(home, 'bin')
  mkdirSync(bin)
  for (const name of ['node', 'npm']) symlinkSync(realpathSync(join(thisNode.folder, 'bin', name)), join(bin, name))
  for (const name of ['sh', 'env', 'uname', 'sed', 'dirname', 'basename', 'cat']) {
    const path = ['/bin', '/usr/bin'].map(each => join(each, name)).find(each => existsSync(each))
    if (path !== undefined) symlinkSync(path, join(bin, name))
  }
  return createEnvironment({ ...thisNode, folder: home }, bin)
}

describe('native code after npm install', () => {
  const install = async (name: string, environment: CleanEnvironment, ...flags: ReadonlyArray<string>) => {
    const project = join(folder, name)
    await environment.install(project, [...flags, tarball.path])
    return project
  }
  const runCommand = async (project: string, ...words: ReadonlyArray<string>) => {
    const claimlog = join(project, 'node_modules', 'claimlog', 'bin', 'claimlog.cjs')
    return createEnvironment(thisNode).run('node', [claimlog, ...words], project)
  }
  /** The package that a new queue takes its locks with, as `claimlog doctor` names it. */
  const findLockPackage = async (project: string): Promise<string | undefined> => {
    expect(await runCommand(project, 'init')).toMatchObject({ status: 0, stderr: '' })
    expect(await runCommand(project, 'add', 'docs')).toMatchObject({ status: 0, stderr: '' })
    const { stdout } = await runCommand(project, 'doctor')
    return /(\S+) is loaded for locks/.exec(stdout)?.[1]
  }

  itIfPossible(registrySkipReason)(
    'is compiled if there is a compiler',
    async () => {
      expect(await findLockPackage(await install('compiled', createEnvironment(thisNode)))).toBe('fs-ext')
    },
    300_000,
  )

  itIfPossible(registrySkipReason)(
    'is the prebuilt one if npm runs no scripts',
    async () => {
      expect(await findLockPackage(await install('no-scripts', createEnvironment(thisNode), '--ignore-scripts'))).toBe(
        prebuilt,
      )
    },
    300_000,
  )

  itIfPossible(registrySkipReason)(
    'is the prebuilt one if there is no compiler',
    async () => {
      expect(await findLockPackage(await install('no-compiler', environmentWithoutCompiler()))).toBe(prebuilt)
    },
    300_000,
  )

  itIfPossible(registrySkipReason)(
    'is missing if there is neither, and the error says why and what to do',
    async () => {
      const project = await install('neither', createEnvironment(thisNode), '--ignore-scripts')
      rmSync(join(project, 'node_modules', prebuilt, 'binaries'), { recursive: true })
      mkdirSync(join(project, 'queue'))
      const { status, stdout } = await runCommand(project, 'init', 'queue')
      const { error, message, hint } = JSON.parse(stdout) as Readonly<Record<'error' | 'message' | 'hint', string>>
      expect({ status, error }).toEqual({ status: 1, error: 'io_failed' })
      expect(message).toMatch(/fs-ext is not compiled, .*; fs-ext-extra-prebuilt has none that loads for Node \d+ on/)
      expect(hint).toContain('install python3, make and g++')
    },
    300_000,
  )
})
