import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { afterAll, describe, expect, it } from 'vitest'
import { pack } from './clean-install.ts'

const folder = mkdtempSync(join(tmpdir(), 'claimlog-contents-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A manifest entry for packages of this repository only, which is not packed: other projects cannot import it. */
const internalEntry = './unstable-internals'

describe.each(['cli', 'client'] as const)('the tarball of packages/%s', name => {
  it('has a manifest that matches its contents', async () => {
    const tarball = readFileSync((await pack(name, folder)).path)
    const { messages } = await publint({ pack: { tarball: Uint8Array.from(tarball).buffer }, strict: true })
    expect(messages.filter(({ path }) => path[1] !== internalEntry)).toEqual([])
  })
})

describe('the types of the library', () => {
  it('resolve like the code, no matter how the package is imported', async () => {
    const tarball = readFileSync((await pack('client', folder)).path)
    const packed = createPackageFromTarballData(Uint8Array.from(tarball))
    const analysis = await checkPackage(packed, { excludeEntrypoints: [internalEntry] })
    if (!analysis.types) throw new Error('there are no types')
    // The package has ES modules only, for Node and TypeScript versions that support exports.
    const notForModules = analysis.problems.filter(
      problem =>
        problem.kind !== 'CJSResolvesToESM' &&
        !(problem.kind === 'NoResolution' && problem.resolutionKind === 'node10'),
    )
    expect(notForModules).toEqual([])
  })
})
