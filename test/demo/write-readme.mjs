// `pnpm readme`: runs the README's console blocks and replaces their output by the real one. Each section starts fresh.
import { readFileSync, writeFileSync } from 'node:fs'
import { withTourDirectory, parseSteps, runCommand } from './transcript.mjs'

const path = new URL('../../README.md', import.meta.url)

const runSection = section =>
  withTourDirectory(dir =>
    parseSteps(section)
      .flatMap(({ remarks, command }) => [...remarks, `$ ${command}`, runCommand(dir, command).output.trimEnd()])
      .filter(line => line !== '')
      .join('\n'),
  )

const written = readFileSync(path, 'utf8')
  .split(/^(?=## )/m)
  .map(section => section.replace(/^```console\n.*?^```$/gms, block => `\`\`\`console\n${runSection(block)}\n\`\`\``))
  .join('')
writeFileSync(path, written)
