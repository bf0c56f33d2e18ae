// `pnpm readme`: runs the README's console blocks and replaces their output by the real one. Each section starts fresh.
import { readFileSync, writeFileSync } from 'node:fs'
import { inEmptyDirectory, stepsIn, type } from './transcript.mjs'

const path = new URL('../../README.md', import.meta.url)

const blockOf = section =>
  inEmptyDirectory(dir =>
    stepsIn(section)
      .flatMap(({ remarks, command }) => [...remarks, `$ ${command}`, type(dir, command).output.trimEnd()])
      .filter(line => line !== '')
      .join('\n'),
  )

const written = readFileSync(path, 'utf8')
  .split(/^(?=## )/m)
  .map(section => section.replace(/^```console\n.*?^```$/gms, block => `\`\`\`console\n${blockOf(block)}\n\`\`\``))
  .join('')
writeFileSync(path, written)
