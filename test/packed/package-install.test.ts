import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { itIfPossible } from '../support/machine/it-if-possible.ts'
import { headersSkipReason, newestReleases, thisNode } from './node-releases.ts'
import { fetchNode, pack, type CleanEnvironment, createEnvironment, type Tarball } from './clean-install.ts'
import { useCommandLine } from './use-command-line.ts'

const resolvePath = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'claimlog-packed-'))
/**
 * The number of majors of Node to test, from the newest on, in addition to the current Node: each takes half a minute.
 */
const newestNodesMax = Number(process.env.CLAIMLOG_NEWEST_NODES ?? 0)
const newest = await newestReleases(newestNodesMax)
const skipReason = newest === undefined ? 'no registry is reachable' : headersSkipReason(thisNode)
const newestSkipReason = newestNodesMax > 0 ? skipReason : 'npm run test:packed does it'

let commandLine: Tarball
let library: Tarball
beforeAll(async () => {
  commandLine = await pack('cli', folder)
  library = await pack('client', folder)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Installs both packages in a clean environment and uses them. */
const installAndUse = async (environment: CleanEnvironment): Promise<void> => {
  const globalFolder = join(folder, `global-${environment.node.version}`)
  await environment.install(globalFolder, [commandLine.path], 'global')
  await useCommandLine(environment, join(globalFolder, 'bin', 'claimlog'))
  expect(existsSync(join(globalFolder, 'share', 'man', 'man1', 'claimlog.1')), 'there is a manual page').toBe(true)

  // In a project, the native modules are next to the package; in a global installation they are in its own folder.
  const project = join(folder, `project-${environment.node.version}`)
  await environment.install(project, [library.path, commandLine.path])
  await useCommandLine(environment, join(project, 'node_modules', '.bin', 'claimlog'))
  copyFileSync(resolvePath('./library-program.mjs'), join(project, 'program.mjs'))
  expect(await environment.run('node', ['program.mjs'], project)).toMatchObject({ status: 0, stderr: '' })
}

type Manifest = {
  readonly dependencies: Readonly<Record<string, string>>
  readonly bin?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, unknown>>
}
const readManifest = (name: string): Manifest =>
  JSON.parse(readFileSync(resolvePath(`../../packages/${name}/package.json`), 'utf8')) as Manifest

describe('the published packages', () => {
  it('are the command line, whose only dependency is native', () => {
    const { dependencies, bin } = readManifest('cli')
    expect(Object.keys(dependencies)).toEqual(['fs-ext'])
    const perBundle = /^(dist\/[\w.-]+\.(cjs|compiled)|schemas\/[\w-]+\.schema\.json)$/
    expect(commandLine.files.filter(file => !perBundle.test(file)).sort()).toEqual([
      'LICENSE',
      'README.md',
      'bin/claimlog.cjs',
      'dist/THIRD-PARTY-LICENSES.txt',
      'dist/claimlog.1',
      'package.json',
    ])
    expect(bin).toEqual({ claimlog: './bin/claimlog.cjs' })
    expect(commandLine.files).toEqual(expect.arrayContaining(['dist/claimlog.cjs', 'schemas/event.schema.json']))
  })

  it('are the library, including the internal packages', () => {
    const { dependencies } = readManifest('client')
    expect(Object.keys(dependencies)).toEqual(['fp-ts', 'fs-ext', 'io-ts'])
    expect(library.files.filter(file => !/^dist\/published\/[\w/.-]+\.(js|d\.ts)$/.test(file)).sort()).toEqual([
      'LICENSE',
      'README.md',
      'dist/published/THIRD-PARTY-LICENSES.txt',
      'package.json',
    ])
  })
})

describe('after npm install outside the workspace', () => {
  itIfPossible(skipReason)(
    `both packages work on this Node, ${thisNode.version}`,
    () => installAndUse(createEnvironment(thisNode)),
    300_000,
  )

  itIfPossible(skipReason)(
    'the library’s types compile in a strict project, resolved by Node and by a bundler',
    async () => {
      const project = join(folder, 'typed')
      const environment = createEnvironment(thisNode)
      // Types need no native module.
      await environment.install(project, ['--ignore-scripts', library.path])
      copyFileSync(resolvePath('./library-types.ts'), join(project, 'library-types.ts'))
      const tsc = resolvePath('../../node_modules/typescript/bin/tsc')
      for (const resolution of [{ module: 'nodenext' }, { module: 'preserve', moduleResolution: 'bundler' }]) {
        const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true }
        const target = { target: 'es2022', typeRoots: [resolvePath('../../node_modules/@types')], types: ['node'] }
        const settings = { compilerOptions: { ...strict, ...target, ...resolution }, files: ['library-types.ts'] }
        writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(settings))
        const checked = await environment.run('node', [tsc], project)
        expect({ resolution, ...checked }).toEqual({ resolution, status: 0, stdout: '', stderr: '' })
      }
    },
    300_000,
  )

  itIfPossible(newestSkipReason)(
    'its native module is found although a project has another version of it',
    async () => {
      const project = join(folder, 'nested')
      const environment = createEnvironment(thisNode)
      await environment.install(project, ['fs-ext@2.0.0', commandLine.path])
      expect(existsSync(join(project, 'node_modules', 'claimlog', 'node_modules', 'fs-ext'))).toBe(true)
      await useCommandLine(environment, join(project, 'node_modules', '.bin', 'claimlog'))
    },
    300_000,
  )

  for (const version of newest?.length ? newest : ['of the newest majors'])
    itIfPossible(newestSkipReason)(
      `both packages work on Node ${version}`,
      async () => {
        const node = await fetchNode(createEnvironment(thisNode), version, join(folder, `node-${version}`))
        expect(headersSkipReason(node)).toBe(undefined)
        await installAndUse(createEnvironment(node))
      },
      300_000,
    )
})
