import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { itWherePossible } from '../support/machine/it-where-possible.ts'
import { headersMissing, newestReleases, thisNode } from './node-releases.ts'
import { fetchNode, pack, type Stranger, strangerOn, type Tarball } from './stranger.ts'
import { useCommandLine } from './use-command-line.ts'

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'claimlog-packed-'))
/**
 * The number of majors of Node to test, from the newest on, in addition to the current Node: each takes half a minute.
 */
const furtherNodes = Number(process.env.CLAIMLOG_NEWEST_NODES ?? 0)
const newest = await newestReleases(furtherNodes)
const missing = newest === undefined ? 'no registry is reachable' : headersMissing(thisNode)
const missingForAll = furtherNodes > 0 ? missing : 'npm run test:packed does it'

let commandLine: Tarball
let library: Tarball
beforeAll(async () => {
  commandLine = await pack('cli', folder)
  library = await pack('client', folder)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Installs both packages in a clean environment and uses them. */
const useBoth = async (stranger: Stranger): Promise<void> => {
  const everybodys = join(folder, `everybodys-${stranger.node.version}`)
  await stranger.install(everybodys, [commandLine.path], 'global')
  await useCommandLine(stranger, join(everybodys, 'bin', 'claimlog'))
  expect(existsSync(join(everybodys, 'share', 'man', 'man1', 'claimlog.1')), 'there is a manual page').toBe(true)

  // Here its native modules are next to it; there they were in its own folder.
  const project = join(folder, `project-${stranger.node.version}`)
  await stranger.install(project, [library.path, commandLine.path])
  await useCommandLine(stranger, join(project, 'node_modules', '.bin', 'claimlog'))
  copyFileSync(path('./library-program.mjs'), join(project, 'program.mjs'))
  expect(await stranger.run('node', ['program.mjs'], project)).toMatchObject({ status: 0, stderr: '' })
}

type Manifest = {
  readonly dependencies: Readonly<Record<string, string>>
  readonly bin?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, unknown>>
}
const manifestOf = (name: string): Manifest =>
  JSON.parse(readFileSync(path(`../../packages/${name}/package.json`), 'utf8')) as Manifest

describe('the published packages', () => {
  it('are the command line, whose only dependency is native', () => {
    const { dependencies, bin } = manifestOf('cli')
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
    const { dependencies } = manifestOf('client')
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
  itWherePossible(missing)(
    `both packages work on this Node, ${thisNode.version}`,
    () => useBoth(strangerOn(thisNode)),
    300_000,
  )

  itWherePossible(missing)(
    'the library’s types compile in a strict project, resolved by Node and by a bundler',
    async () => {
      const project = join(folder, 'typed')
      const stranger = strangerOn(thisNode)
      // Types need no native module.
      await stranger.install(project, ['--ignore-scripts', library.path])
      copyFileSync(path('./library-types.ts'), join(project, 'library-types.ts'))
      const tsc = path('../../node_modules/typescript/bin/tsc')
      for (const resolution of [{ module: 'nodenext' }, { module: 'preserve', moduleResolution: 'bundler' }]) {
        const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true }
        const place = { target: 'es2022', typeRoots: [path('../../node_modules/@types')], types: ['node'] }
        const settings = { compilerOptions: { ...strict, ...place, ...resolution }, files: ['library-types.ts'] }
        writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(settings))
        const checked = await stranger.run('node', [tsc], project)
        expect({ resolution, ...checked }).toEqual({ resolution, status: 0, stdout: '', stderr: '' })
      }
    },
    300_000,
  )

  itWherePossible(missingForAll)(
    'its native module is found although a project has another version of it',
    async () => {
      const project = join(folder, 'nested')
      const stranger = strangerOn(thisNode)
      await stranger.install(project, ['fs-ext@2.0.0', commandLine.path])
      expect(existsSync(join(project, 'node_modules', 'claimlog', 'node_modules', 'fs-ext'))).toBe(true)
      await useCommandLine(stranger, join(project, 'node_modules', '.bin', 'claimlog'))
    },
    300_000,
  )

  for (const version of newest?.length ? newest : ['of the newest majors'])
    itWherePossible(missingForAll)(
      `both packages work on Node ${version}`,
      async () => {
        const node = await fetchNode(strangerOn(thisNode), version, join(folder, `node-${version}`))
        expect(headersMissing(node)).toBe(undefined)
        await useBoth(strangerOn(node))
      },
      300_000,
    )
})
