// The licences of what a bundle contains, which its users are to be given with it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The folders of the packages that any of `builds` (results of esbuild with its metafile) took code from. */
const foldersIn = builds => {
  const outputs = builds.flatMap(({ metafile }) => Object.values(metafile.outputs))
  const used = outputs.flatMap(({ inputs }) => Object.keys(inputs).filter(path => inputs[path].bytesInOutput > 0))
  // A name of a package is one word, or two with its scope; what lies before the last node_modules is where it is kept.
  return [...new Set(used.flatMap(path => path.match(/^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []))]
}

const licenceOf = folder => {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find(each => /^licen[cs]e(\.\w+)?$/i.test(each))
  if (file === undefined && license === undefined) throw new Error(`${name} ${version} is bundled, under no licence`)
  // Some say in their manifest only what it is.
  const text = file === undefined ? `By ${author?.name ?? author}.` : readFileSync(join(folder, file), 'utf8').trim()
  return { name, text: `${name} ${version} (${license})\n\n${text}\n` }
}

/** The text of the file that goes with the bundles of `builds`: each package in them, and its licence. */
export const thirdPartyLicences = builds => {
  const licences = foldersIn(builds).map(licenceOf)
  const texts = licences.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ text }) => text)
  return ['The code in this folder contains parts of these packages.\n', ...texts].join(`\n${'-'.repeat(80)}\n\n`)
}
