// `npm run docs:picture`: runs the README's quick start on a terminal and draws what it shows.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './page-directory.mjs'
import { drawQuickStart } from './quick-start.mjs'

writeFileSync(join(root, 'docs/quick-start.svg'), await drawQuickStart())
