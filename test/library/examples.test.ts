import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, it } from 'vitest'

const here = fileURLToPath(new URL('.', import.meta.url))
const sources = join(here, '../../packages/client/src')

/** The names that an example without imports uses. */
const preamble = `
import { ClaimlogError, FailTask, type Handler, init, open, type Queue, ReleaseTask } from '@claimlog/client'
import { importFile } from '@claimlog/client/import'
declare const queue: Queue
`
const taskEitherPreamble = `
import * as E from 'fp-ts/lib/Either.js'
import * as T from 'fp-ts/lib/Task.js'
import type { Queue } from '@claimlog/client/fp-ts'
declare const queue: Queue
`

/** The examples in the doc comments of a file, each with the line of code after its comment. */
const findExamples = (path: string): ReadonlyArray<{ readonly code: string; readonly of: string }> => {
  const text = readFileSync(path, 'utf8')
  return [...text.matchAll(/@example\n\s*\* ```ts\n(?<code>[\s\S]*?)\n\s*\* ```[\s\S]*?\*\/\n\s*(?<of>.*)/g)].map(
    ({ groups }) => ({ code: (groups?.['code'] ?? '').replace(/^\s*\* ?/gm, ''), of: groups?.['of'] ?? '' }),
  )
}

const files = readdirSync(sources).filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts'))
const examples = files.flatMap(name => findExamples(join(sources, name)).map(example => ({ ...example, name })))

const wrapExample = ({ code, name }: (typeof examples)[number]): string => {
  // The sources of the published package.
  if (code.includes('import ')) return code.replaceAll("'claimlog", "'@claimlog/client")
  // Declarations of an example may hide those of the preamble.
  const names = name === 'task-either-queue.ts' ? taskEitherPreamble : preamble
  return `${names}\nexport const example = async () => {\n${code}\n}\n`
}

it('every method of the queue has an example', () => {
  const withExample = new Set(examples.map(({ of }) => /^(?:export const |export type |readonly )?(\w+)/.exec(of)?.[1]))
  const methods = [
    ...readFileSync(join(sources, 'queue-methods.ts'), 'utf8').matchAll(/^ {2}readonly (\w+): \(/gm),
  ].map(([, method]) => method)
  expect(methods.length).toBeGreaterThan(20)
  const required = [...methods, 'open', 'init', 'follow', 'worker', 'close', 'Handler']
  expect(required.filter(method => !withExample.has(method))).toEqual([])
})

/** Compiles files of this folder that exist only in memory; returns the errors of each. */
const compile = (texts: ReadonlyMap<string, string>): ReadonlyArray<string> => {
  const options: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, isolatedModules: true },
    ...{ allowImportingTsExtensions: true, customConditions: ['claimlog-source'] },
    ...{ target: ts.ScriptTarget.ES2022, lib: ['lib.es2023.d.ts'], types: ['node'] },
    ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
  }
  const host = ts.createCompilerHost(options)
  const program = ts.createProgram([...texts.keys()], options, {
    ...host,
    fileExists: path => texts.has(path) || host.fileExists(path),
    readFile: path => texts.get(path) ?? host.readFile(path),
    getSourceFile: (path, target) => {
      const text = texts.get(path)
      return text === undefined ? host.getSourceFile(path, target) : ts.createSourceFile(path, text, target)
    },
  })
  return [...texts.keys()].flatMap(path =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(path))
      .map(({ messageText }) => `${path}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`),
  )
}

it('the examples compile', () => {
  const texts = examples.map((example, i) => [join(here, `${example.name}-${i}.ts`), wrapExample(example)] as const)
  expect(compile(new Map(texts))).toEqual([])
  const wrong = wrapExample({
    code: "await queue.claim({ worker: 'ann', kind: 'docs' })",
    of: 'claim',
    name: 'wrong.ts',
  })
  expect(compile(new Map([[join(here, 'wrong.ts'), wrong]]))).toHaveLength(1)
})
