import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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

let tarball: Tarball
beforeAll(async () => {
  tarball = await pack(folder)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Installs the package in a clean environment and uses it. */
const installAndUse = async (environment: CleanEnvironment): Promise<void> => {
  const globalFolder = join(folder, `global-${environment.node.version}`)
  await environment.install(globalFolder, [tarball.path], 'global')
  await useCommandLine(environment, join(globalFolder, 'bin', 'claimlog'))
  expect(existsSync(join(globalFolder, 'share', 'man', 'man1', 'claimlog.1')), 'there is a manual page').toBe(true)

  // In a project, the native modules are next to the package; in a global installation they are in its own folder.
  const project = join(folder, `project-${environment.node.version}`)
  await environment.install(project, [tarball.path])
  await useCommandLine(environment, join(project, 'node_modules', '.bin', 'claimlog'))
  for (const program of ['library-program.mjs', 'library-program.cjs']) {
    copyFileSync(resolvePath(`./${program}`), join(project, program))
    expect(await environment.run('node', [program], project)).toMatchObject({ status: 0, stderr: '' })
  }
}

describe('the published package', () => {
  it('consists of the command line, the library with its types, and the schemas', () => {
    const perBundle =
      /^(dist\/[\w.-]+\.(cjs|mjs|d\.cts|d\.mts|compiled)|dist\/types\/[\w/.-]+\.d\.ts|schemas\/[\w-]+\.schema\.json)$/
    expect(tarball.files.filter(file => !perBundle.test(file)).sort()).toEqual([
      'LICENSE',
      'README.md',
      'bin/claimlog.cjs',
      'dist/THIRD-PARTY-LICENSES.txt',
      'dist/claimlog.1',
      'package.json',
    ])
    expect(tarball.files).toEqual(
      expect.arrayContaining(['dist/claimlog.cjs', 'dist/index.mjs', 'dist/index.cjs', 'schemas/event.schema.json']),
    )
    expect(tarball.files).not.toContain('dist/manual.cjs')
  })
})

describe('after npm install outside the workspace', () => {
  itIfPossible(skipReason)(
    `it works on this Node, ${thisNode.version}`,
    () => installAndUse(createEnvironment(thisNode)),
    300_000,
  )

  itIfPossible(skipReason)(
    'the library’s types compile in a strict project, resolved by Node, by a bundler and without exports',
    async () => {
      const project = join(folder, 'typed')
      const environment = createEnvironment(thisNode)
      const tsc = resolvePath('../../node_modules/typescript/bin/tsc')
      const resolutions = [
        { module: 'node16' },
        { module: 'nodenext' },
        { module: 'preserve', moduleResolution: 'bundler' },
        { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0' },
      ]
      // First without fp-ts, which only users of its types have. Types need no native module.
      for (const [file, ...packages] of [['library-types.ts'], ['library-fp-ts.ts', 'fp-ts@2']] as const) {
        await environment.install(project, ['--ignore-scripts', tarball.path, ...packages])
        copyFileSync(resolvePath(`./${file}`), join(project, file))
        for (const resolution of resolutions) {
          const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true }
          const target = { target: 'es2022', typeRoots: [resolvePath('../../node_modules/@types')], types: ['node'] }
          const settings = { compilerOptions: { ...strict, ...target, ...resolution }, files: [file] }
          writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(settings))
          const checked = await environment.run('node', [tsc], project)
          expect({ file, resolution, ...checked }).toEqual({ file, resolution, status: 0, stdout: '', stderr: '' })
        }
      }
    },
    300_000,
  )

  itIfPossible(newestSkipReason)(
    'its native module is found although a project has another version of it',
    async () => {
      const project = join(folder, 'nested')
      const environment = createEnvironment(thisNode)
      await environment.install(project, ['fs-ext@2.0.0', tarball.path])
      expect(existsSync(join(project, 'node_modules', 'claimlog', 'node_modules', 'fs-ext'))).toBe(true)
      await useCommandLine(environment, join(project, 'node_modules', '.bin', 'claimlog'))
    },
    300_000,
  )

  for (const version of newest?.length ? newest : ['of the newest majors'])
    itIfPossible(newestSkipReason)(
      `it works on Node ${version}`,
      async () => {
        const node = await fetchNode(createEnvironment(thisNode), version, join(folder, `node-${version}`))
        expect(headersSkipReason(node)).toBe(undefined)
        await installAndUse(createEnvironment(node))
      },
      300_000,
    )
})
