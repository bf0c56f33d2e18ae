import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { commandPath, findCommand } from './command-path.ts'

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
    expect(commandPath('build', `/nowhere:${dir}`, '/')).toEqual(E.right(path))
    expect(findCommand('build', '/nowhere', dir)).toBe('build cannot be run: no such command in PATH')
    expect(findCommand('sh', undefined, '/')).toBeUndefined()
  })

  it('is searched in the working directory for an empty entry in PATH', () => {
    expect(commandPath('build', '/nowhere:', dir)).toEqual(commandPath('build', '/nowhere', '/'))
    expect(commandPath('build', ':/nowhere', dir)).toEqual(E.left('build cannot be run: no such command in PATH'))
    const path = file('build', 0o755)
    expect(commandPath('build', ':/nowhere', dir)).toEqual(E.right(path))
  })

  it('with a slash is resolved from the working directory', () => {
    const path = file('build', 0o755)
    expect(commandPath('./build', undefined, dir)).toEqual(E.right(path))
    expect(findCommand('./other', dir, dir)).toBe('./other cannot be run: no such file')
    expect(findCommand('./build/x', dir, dir)).toBe('./build/x cannot be run: no such file')
  })

  it('that is not executable is refused, unless a later entry of PATH has another one', () => {
    const path = file('build', 0o644)
    expect(findCommand('./build', '', dir)).toBe('./build cannot be run: it is not executable for this user')
    expect(findCommand('build', dir, '/')).toBe(`build cannot be run: ${path}: it is not executable for this user`)
    mkdirSync(join(dir, 'further'))
    const further = file('further/build', 0o755)
    expect(commandPath('build', `${dir}:${dir}/further`, '/')).toEqual(E.right(further))
  })

  it('that is a directory is refused', () => {
    mkdirSync(join(dir, 'build'))
    expect(findCommand('./build', '', dir)).toBe('./build cannot be run: it is a directory')
    expect(findCommand(dir, '', dir)).toBe(`${dir} cannot be run: it is a directory`)
  })

  it('that is a script without its interpreter is refused', () => {
    file('build', 0o755, '#! /nowhere/sh -e\n')
    expect(findCommand('./build', '', dir)).toBe('./build cannot be run: its interpreter /nowhere/sh does not exist')
    file('windows', 0o755, '#!/bin/sh\r\n')
    expect(findCommand('./windows', '', dir)).toBe(
      './windows cannot be run: its first line ends with CRLF; the carriage return becomes part of the interpreter name',
    )
    file('plain', 0o755, 'echo no interpreter is named\n')
    expect(findCommand('./plain', '', dir)).toBeUndefined()
  })

  it('that is empty is refused', () => {
    expect(findCommand('', '/bin', '/')).toBe('the command is empty')
  })
})
