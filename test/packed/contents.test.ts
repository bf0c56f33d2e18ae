import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { afterAll, describe, expect, it } from 'vitest'
import { pack } from './clean-install.ts'

const folder = mkdtempSync(join(tmpdir(), 'claimlog-contents-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The tarball of the package, as npm packs it. */
const packed = await pack(folder).then(({ path }) => Uint8Array.from(readFileSync(path)))

describe('the tarball', () => {
  it('has a manifest that matches its contents', async () => {
    const { messages } = await publint({ pack: { tarball: packed.buffer }, strict: true })
    expect(messages).toEqual([])
  })

  it('has types that resolve like the code, no matter how the package is imported', async () => {
    const analysis = await checkPackage(createPackageFromTarballData(packed), {
      excludeEntrypoints: [/^\.\/schemas\//],
    })
    if (!analysis.types) throw new Error('there are no types')
    expect(analysis.problems).toEqual([])
  })
})
