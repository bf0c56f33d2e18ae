/** Writes the manual page to the path given as argument. */
import { writeFileSync } from 'node:fs'
import { createProgram } from '../program.ts'
import { renderManualPage } from './manual-page.ts'

declare const CLAIMLOG_VERSION: string

const [path] = process.argv.slice(2)
if (path === undefined) throw new TypeError('name the file to write the manual page to')
writeFileSync(
  path,
  renderManualPage(
    createProgram(CLAIMLOG_VERSION, [], () => undefined),
    CLAIMLOG_VERSION,
  ),
)
