// Builds what the package publishes, in dist: the command line, the library, its types, licences and compiled code.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { buildCommandLine } from './build/command-line.mjs'
import { saveCompiledCode } from './build/compiled-code.mjs'
import { buildLibrary } from './build/library.mjs'
import { thirdPartyLicences } from './build/licences.mjs'
import { writeModules } from './build/modules.mjs'
import { toPath } from './build/paths.mjs'
import { publishTypes } from './build/types.mjs'

rmSync(toPath('dist'), { recursive: true, force: true })
mkdirSync(toPath('dist'))

const builds = [...(await buildCommandLine()), await buildLibrary()]
publishTypes()
copyFileSync(toPath('../../LICENSE'), toPath('LICENSE'))
writeFileSync(toPath('dist/THIRD-PARTY-LICENSES.txt'), thirdPartyLicences(builds))
writeModules(builds, toPath('dist/modules.json'))
saveCompiledCode()
