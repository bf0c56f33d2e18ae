import { join } from 'node:path'
import ts from 'typescript'

/** @type {ts.CompilerOptions} */
const options = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
}

/**
 * Checks the types of TypeScript files as in a strict project in `dir`; returns the compiler's messages.
 * @param {string} dir
 * @param {string[]} paths
 * @returns {string[]}
 */
export const checkTypes = (dir, paths) => {
  const typeRoots = [join(dir, 'node_modules/@types')]
  const program = ts.createProgram(paths, { ...options, typeRoots, types: ['node'] })
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const at = file === undefined ? '' : `${file.text.slice(start).split('\n', 1)[0]}: `
    return `${at}${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
}
