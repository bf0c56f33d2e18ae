// `npm run demo`: the README's quick tour, typed line by line into a shell, with what it really prints.
import { readFileSync } from 'node:fs'
import { withTourDirectory, parseSteps, runCommand } from './transcript.mjs'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const tour = readme.slice(readme.indexOf('## Quick tour'), readme.indexOf('## Install'))

const tty = process.stdout.isTTY === true && process.env.NO_COLOR === undefined
const [bold, dim, plain] = tty ? ['\u001b[1m', '\u001b[2m', '\u001b[0m'] : ['', '', '']

withTourDirectory(dir => {
  for (const { remarks, command } of parseSteps(tour)) {
    for (const remark of remarks) process.stdout.write(`${dim}${remark}${plain}\n`)
    const { output, status } = runCommand(dir, command)
    process.stdout.write(`${bold}$ ${command}${plain}\n${output}`)
    if (status !== 0) process.stdout.write(`${dim}(exit ${status})${plain}\n`)
  }
})
