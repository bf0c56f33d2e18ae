import { constants, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { derivedFiles } from '@claimlog/coordinator'
import { type Finding, findingOf, type Flaw } from './check.ts'
import { mayNot } from './may-not.ts'

const { dir: derivedDir, ...files } = derivedFiles
const known = new Set<string>(Object.values(files))

/** Whether what is kept to save work can be trusted. This version keeps no checkpoint: there is only its folder. */
export const checkCheckpoint = (dir: string): Finding => {
  const path = join(dir, derivedDir)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return findingOf('none is kept', [])
  if (!stats.isDirectory()) return findingOf('', [noFolder])
  const refusal = mayNot(path, constants.R_OK | constants.W_OK | constants.X_OK)
  if (refusal !== undefined && refusal !== 'EROFS' && mayNot(dir, constants.W_OK) === undefined)
    return findingOf('', [closedFolder(stats.uid)])
  if (mayNot(path, constants.R_OK) !== undefined)
    return findingOf(`none is kept; you may not look into ${derivedDir}/`, [])
  const unknown = readdirSync(path).filter(name => !known.has(`${derivedDir}/${name}`))
  if (unknown.length === 0) return findingOf('none is kept', [])
  return { ...findingOf('', [strangers(unknown)]), unknown_files: unknown }
}

const noFolder: Flaw = {
  state: 'warning',
  message: `${derivedDir} is no directory, so queue.json cannot be kept up to date`,
  mend: 'move it away; the next command makes the directory',
}

const closedFolder = (uid: number): Flaw => ({
  state: 'warning',
  message: `you may not write ${derivedDir}/, which belongs to uid ${uid}, so queue.json is not kept up to date for you`,
  mend: `ask uid ${uid} for access`,
})

const strangers = (names: ReadonlyArray<string>): Flaw => ({
  state: 'warning',
  message: `${derivedDir}/ holds what this version does not know: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ' …' : ''}`,
  mend: 'a newer claimlog may have made it; nothing there is needed, and this version leaves it alone',
})
