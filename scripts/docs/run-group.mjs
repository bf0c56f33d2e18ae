import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkTypes } from './check-types.mjs'
import { maskOutput } from './mask-output.mjs'
import { withPageDirectory } from './page-directory.mjs'
import { connectPage, toActualServer, toNamedServer } from './page-server.mjs'
import { withShell } from './page-shell.mjs'

/** @typedef {import('./parse-page.mjs').Step} Step */
/** @typedef {import('./parse-page.mjs').Block} Block */
/** @typedef {import('./page-shell.mjs').CommandResult} CommandResult */

/**
 * The result of one group: the output of each command, by console block; and what is wrong with its other blocks.
 * @typedef {{ outputs: Map<Step, string>, problems: string[] }} GroupResult
 */

/**
 * Runs the blocks of a group in order in a new directory.
 * @param {import('./parse-page.mjs').Group} group
 * @param {{ template?: string | undefined, server?: import('./page-server.mjs').PageServer | undefined, onOutput?: (step: Step, result: CommandResult, block: Block) => void }} [options] `template`
 * is the folder to copy into the directory instead of the lab's files, and `server` the PostgreSQL server of a page that uses one
 * @returns {Promise<GroupResult>}
 */
export const runGroup = ({ blocks }, { template, server, onOutput = () => undefined } = {}) =>
  withPageDirectory(
    dir =>
      withShell(server === undefined ? dir : connectPage(dir, server), async shell => {
        /** @type {GroupResult['outputs']} */
        const outputs = new Map()
        /** @type {string[]} */
        const problems = []
        /** @type {string[]} */
        const modules = []
        for (const block of blocks) {
          if (block.type === 'console')
            for (const step of block.steps) {
              const printed = await shell.run(toActualServer(step.command))
              const result = { ...printed, output: toNamedServer(printed.output, server) }
              outputs.set(step, result.output)
              onOutput(step, result, block)
            }
          else if (block.type === 'script') {
            const { status, output } = await shell.runScript(toActualServer(block.text))
            if (status === 0) continue
            problems.push(`line ${block.line}: the script failed with exit code ${status}\n${output}`)
            break
          } else {
            const path = block.type === 'file' ? join(dir.project, block.name) : join(dir.home, `line-${block.line}.ts`)
            if (block.type === 'file') writeProgram(path, toActualServer(block.text))
            else writeFileSync(path, block.text)
            if (/\.m?ts$/.test(path)) modules.push(path)
          }
        }
        if (modules.length > 0) problems.push(...checkTypes(dir.home, modules))
        return { outputs, problems }
      }),
    template,
  )

/**
 * @param {string} path
 * @param {string} text
 */
const writeProgram = (path, text) => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text, /\.sh$|^#!/.test(path) || text.startsWith('#!') ? { mode: 0o755 } : {})
}

/**
 * Pairs what the page shows of each command with its actual output, both masked.
 * @param {import('./parse-page.mjs').Group} group
 * @param {GroupResult} result
 */
export const compareOutputs = ({ interchangeable }, { outputs }) => {
  const pairs = [...outputs].map(([step, actual]) => {
    const { command, line } = step
    const mask = /** @param {string} text */ text => maskOutput({ command, interchangeable }, text)
    return { shown: { line, command, output: mask(step.output) }, actual: { line, command, output: mask(actual) } }
  })
  return { shown: pairs.map(({ shown }) => shown), actual: pairs.map(({ actual }) => actual) }
}
