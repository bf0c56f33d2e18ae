import { mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { type ProcessResult, run } from '../support/claimlog-process.ts'
import { nodePackage, type NodeRelease } from './node-releases.ts'

const packageFolder = fileURLToPath(new URL('../../packages/claimlog', import.meta.url))

/** A tarball, and the files in it. */
export type Tarball = { readonly path: string; readonly files: ReadonlyArray<string> }

/** Packs the package as it is built, into `target`. */
export const pack = async (target: string): Promise<Tarball> => {
  // Packing builds first; here the build runs before all tests.
  const words = ['pack', '--json', '--ignore-scripts', '--pack-destination', target]
  const { status, stdout, stderr } = await run('npm', words, { cwd: packageFolder })
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
  type PackedTarball = { readonly filename: string; readonly files: ReadonlyArray<{ readonly path: string }> }
  const output = JSON.parse(stdout) as ReadonlyArray<PackedTarball> | Record<string, PackedTarball>
  const [packed] = Object.values(output)
  if (packed === undefined) throw new Error(`npm packed nothing: ${stdout}`)
  return { path: join(target, packed.filename), files: packed.files.map(({ path }) => path) }
}

/** An environment with Node and npm, and nothing of the workspace. */
export type CleanEnvironment = {
  readonly node: NodeRelease
  /** Runs a program of that Node, or one with a given path; the result includes stderr. */
  readonly run: (command: string, words: ReadonlyArray<string>, cwd: string, input?: string) => Promise<ProcessResult>
  /** Runs npm install in `folder`, locally or globally. */
  readonly install: (folder: string, what: ReadonlyArray<string>, scope?: 'local' | 'global') => Promise<void>
}

/** An environment with `node`; `path` lists the folders of other programs. */
export const createEnvironment = (node: NodeRelease, path = process.env.PATH ?? ''): CleanEnvironment => {
  const env = {
    PATH: `${join(node.folder, 'bin')}${delimiter}${path}`,
    npm_config_nodedir: node.folder,
    // The test runner makes the workspace's modules available everywhere.
    NODE_PATH: '',
  }
  const runInEnvironment: CleanEnvironment['run'] = (command, words, cwd, input = '') =>
    run(command, words, { cwd, input, env })
  return {
    node,
    run: runInEnvironment,
    install: async (folder, what, scope = 'local') => {
      mkdirSync(folder, { recursive: true })
      // Later versions of npm run the install scripts of listed packages only.
      const project = { private: true, allowScripts: { 'fs-ext': true } }
      if (scope === 'local') writeFileSync(join(folder, 'package.json'), JSON.stringify(project))
      const npmFlags = scope === 'local' ? [] : ['--global', '--prefix', folder, '--allow-scripts=fs-ext']
      const words = ['install', ...npmFlags, '--no-audit', '--no-fund', '--no-update-notifier', ...what]
      const { status, stdout, stderr } = await runInEnvironment('npm', words, folder)
      expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' })
    },
  }
}

/** Downloads the Node of `version` from the registry into `folder`. */
export const fetchNode = async (
  environment: CleanEnvironment,
  version: string,
  folder: string,
): Promise<NodeRelease> => {
  await environment.install(folder, [`${nodePackage}@${version}`])
  return { version, folder: join(folder, 'node_modules', nodePackage) }
}
