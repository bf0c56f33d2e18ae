import { mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { type Finished, run } from '../support/claimlog-process.ts'
import { nodePackage, type NodeRelease } from './node-releases.ts'

const packages = fileURLToPath(new URL('../../packages', import.meta.url))

/** A tarball, and the files in it. */
export type Tarball = { readonly path: string; readonly files: ReadonlyArray<string> }

/** Packs a package of the workspace as it is built, into `target`. */
export const pack = async (name: 'cli' | 'client', target: string): Promise<Tarball> => {
  const cwd = join(packages, name)
  // What packing does first, building, is done before any test.
  const words = ['pack', '--json', '--ignore-scripts', '--pack-destination', target]
  const { status, stdout, stderr } = await run('npm', words, { cwd })
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
  type Packed = { readonly filename: string; readonly files: ReadonlyArray<{ readonly path: string }> }
  const answered = JSON.parse(stdout) as ReadonlyArray<Packed> | Record<string, Packed>
  const [packed] = Object.values(answered)
  if (packed === undefined) throw new Error(`npm packed nothing: ${stdout}`)
  return { path: join(target, packed.filename), files: packed.files.map(({ path }) => path) }
}

/** Somebody who has a Node and npm, and nothing of the workspace. */
export type Stranger = {
  readonly node: NodeRelease
  /** Runs a program of that Node's, or one whose path is given; what it prints on stderr is part of the answer. */
  readonly run: (command: string, words: ReadonlyArray<string>, cwd: string, input?: string) => Promise<Finished>
  /** Has npm install into `folder`, for it alone or as for everybody. */
  readonly install: (folder: string, what: ReadonlyArray<string>, where?: 'here' | 'for everybody') => Promise<void>
}

/** A stranger on `node`. */
export const strangerOn = (node: NodeRelease): Stranger => {
  const env = {
    PATH: `${join(node.folder, 'bin')}${delimiter}${process.env.PATH}`,
    npm_config_nodedir: node.folder,
    // What starts the tests has the workspace's own modules found from everywhere.
    NODE_PATH: '',
  }
  const runs: Stranger['run'] = (command, words, cwd, input = '') => run(command, words, { cwd, input, env })
  return {
    node,
    run: runs,
    install: async (folder, what, where = 'here') => {
      mkdirSync(folder, { recursive: true })
      // Later versions of npm run the scripts of those packages only that they are told to.
      const project = { private: true, allowScripts: { 'fs-ext': true } }
      if (where === 'here') writeFileSync(join(folder, 'package.json'), JSON.stringify(project))
      const place = where === 'here' ? [] : ['--global', '--prefix', folder, '--allow-scripts=fs-ext']
      const words = ['install', ...place, '--no-audit', '--no-fund', '--no-update-notifier', ...what]
      const { status, stdout, stderr } = await runs('npm', words, folder)
      expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' })
    },
  }
}

/** Has the Node of `version` fetched from the registry into `folder`. */
export const fetchNode = async (here: Stranger, version: string, folder: string): Promise<NodeRelease> => {
  await here.install(folder, [`${nodePackage}@${version}`])
  return { version, folder: join(folder, 'node_modules', nodePackage) }
}
