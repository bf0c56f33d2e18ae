import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { resolveCommandPath, checkRunnable } from './command-path.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'claimlog-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
})

const file = (name: string, mode: number, content = '#!/bin/sh\n'): string => {
  writeFileSync(join(dir, name), content)
  chmodSync(join(dir, name), mode)
  return join(dir, name)
}

describe('a command', () => {
  it('without a slash is searched in PATH', () => {
    const path = file('build', 0o755)
    expect(resolveCommandPath('build', `/nowhere:${dir}`, '/')).toEqual(E.right(path))
    expect(checkRunnable('build', '/nowhere', dir)).toBe('build cannot be run: no such command in PATH')
    expect(checkRunnable('sh', undefined, '/')).toBeUndefined()
  })

  it('is searched in the working directory for an empty entry in PATH', () => {
    expect(resolveCommandPath('build', '/nowhere:', dir)).toEqual(resolveCommandPath('build', '/nowhere', '/'))
    expect(resolveCommandPath('build', ':/nowhere', dir)).toEqual(
      E.left('build cannot be run: no such command in PATH'),
    )
    const path = file('build', 0o755)
    expect(resolveCommandPath('build', ':/nowhere', dir)).toEqual(E.right(path))
  })

  it('with a slash is resolved from the working directory', () => {
    const path = file('build', 0o755)
    expect(resolveCommandPath('./build', undefined, dir)).toEqual(E.right(path))
    expect(checkRunnable('./other', dir, dir)).toBe('./other cannot be run: no such file')
    expect(checkRunnable('./build/x', dir, dir)).toBe('./build/x cannot be run: no such file')
  })

  it('that is not executable is refused, unless a later entry of PATH has another one', () => {
    const path = file('build', 0o644)
    expect(checkRunnable('./build', '', dir)).toBe('./build cannot be run: it is not executable for this user')
    expect(checkRunnable('build', dir, '/')).toBe(`build cannot be run: ${path}: it is not executable for this user`)
    mkdirSync(join(dir, 'further'))
    const laterPath = file('further/build', 0o755)
    expect(resolveCommandPath('build', `${dir}:${dir}/further`, '/')).toEqual(E.right(laterPath))
  })

  it('that is a directory is refused', () => {
    mkdirSync(join(dir, 'build'))
    expect(checkRunnable('./build', '', dir)).toBe('./build cannot be run: it is a directory')
    expect(checkRunnable(dir, '', dir)).toBe(`${dir} cannot be run: it is a directory`)
  })

  it('that is a script without its interpreter is refused', () => {
    file('build', 0o755, '#! /nowhere/sh -e\n')
    expect(checkRunnable('./build', '', dir)).toBe('./build cannot be run: its interpreter /nowhere/sh does not exist')
    file('windows', 0o755, '#!/bin/sh\r\n')
    expect(checkRunnable('./windows', '', dir)).toBe(
      './windows cannot be run: its first line ends with CRLF; the carriage return becomes part of the interpreter name',
    )
    file('plain', 0o755, 'echo no interpreter is named\n')
    expect(checkRunnable('./plain', '', dir)).toBeUndefined()
  })

  it('that is empty is refused', () => {
    expect(checkRunnable('', '/bin', '/')).toBe('the command is empty')
  })
})
