import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { claimlogCommand } from './claimlog-command.ts'

const root = mkdtempSync(join(tmpdir(), 'claimlog-path-'))
afterAll(() => {
  rmSync(root, { recursive: true })
})

const createFolder = (folder: string, mode: number): string => {
  const path = join(root, folder)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'claimlog'), '')
  chmodSync(join(path, 'claimlog'), mode)
  return path
}

it('an agent runs claimlog by name if it is on the PATH', () => {
  const path = [join(root, 'none'), createFolder('bin', 0o755)].join(':')
  expect(claimlogCommand('/here/claimlog.cjs', path)).toEqual({ words: ['claimlog'], onPath: true })
})

it('an agent runs this installation if the PATH has no executable claimlog, or only while npx runs', () => {
  mkdirSync(join(root, 'folder/claimlog'), { recursive: true })
  const path = [
    createFolder('plain', 0o644),
    join(root, 'folder'),
    createFolder('x/node_modules/.bin', 0o755),
    '',
  ].join(':')
  expect(claimlogCommand('/here/claimlog.cjs', path)).toEqual({
    words: [process.execPath, '/here/claimlog.cjs'],
    onPath: false,
  })
})
