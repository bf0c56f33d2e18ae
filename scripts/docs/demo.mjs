// `npm run demo`: the commands of the tutorial, typed line by line into a shell, with what they really print.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './page-directory.mjs'
import { parsePage } from './parse-page.mjs'
import { runGroup } from './run-group.mjs'

const tty = process.stdout.isTTY === true && process.env.NO_COLOR === undefined
const [bold, dim, plain] = tty ? ['\u001b[1m', '\u001b[2m', '\u001b[0m'] : ['', '', '']
// The reader of a pipe may have seen enough.
process.stdout.on('error', () => undefined)

let printedHeading = ''
const [group] = parsePage(readFileSync(join(root, 'docs/tutorial.md'), 'utf8')).groups
if (group !== undefined)
  await runGroup(group, {
    onOutput: ({ remarks, command }, { output, status }, { heading }) => {
      if (heading !== printedHeading)
        process.stdout.write(`${dim}${printedHeading === '' ? '' : '\n'}# ${heading}${plain}\n`)
      printedHeading = heading
      for (const remark of remarks) process.stdout.write(`${dim}${remark}${plain}\n`)
      process.stdout.write(`${bold}$ ${command.replaceAll('\n', '\n> ')}${plain}\n${output}`)
      if (status !== 0) process.stdout.write(`${dim}(exit ${status})${plain}\n`)
    },
  })
process.stdout.write(`\n${dim}docs/tutorial.md explains each step.${plain}\n`)
