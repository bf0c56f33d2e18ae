// The licences of the packages in a bundle, which have to be distributed with it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const licences = fileURLToPath(new URL('licences', import.meta.url))
const store = fileURLToPath(new URL('../../../node_modules/.pnpm', import.meta.url))

/** The folders of the packages whose code is in any of `builds` (results of esbuild with a metafile). */
const listPackageFolders = builds => {
  const outputs = builds.flatMap(({ metafile }) => Object.values(metafile.outputs))
  const used = outputs.flatMap(({ inputs }) => Object.keys(inputs).filter(path => inputs[path].bytesInOutput > 0))
  // A package name is one path segment, or two with a scope; everything up to the last node_modules is its location.
  const folders = used.flatMap(path => path.match(/^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/) ?? [])
  return [...new Set([...folders, ...used.flatMap(listBundledFolders)])]
}

/** A published bundle names the packages whose code it contains, each with its version. */
const region = /^\/\/#region .*\/node_modules\/\.pnpm\/((?:@[^/+]+\+)?[^/@]+)@([^/_(]+)[^/]*\/node_modules\//gm

/** The folders, in this repository's store, of the packages whose code is bundled into a module of another package. */
const listBundledFolders = path => {
  if (!path.includes('/node_modules/')) return []
  const packages = [...readFileSync(path, 'utf8').matchAll(region)].map(([, name, version]) => `${name}@${version}`)
  return [...new Set(packages)].map(findPackageFolder)
}

/** Falls back to another version of the same major, which has the same licence. */
const findPackageFolder = nameAndVersion => {
  const name = nameAndVersion.slice(0, nameAndVersion.lastIndexOf('@'))
  const major = nameAndVersion.slice(0, nameAndVersion.indexOf('.', name.length))
  const stored = readdirSync(store).filter(each => each.startsWith(`${major}.`))
  const folder = stored.find(each => each.split(/[_(]/)[0] === nameAndVersion) ?? stored[0]
  // The licence of a package that is not in the store is in the folder next to this file.
  if (folder === undefined) return join(licences, `${nameAndVersion.replace('+', '/')}.txt`)
  return join(store, folder, 'node_modules', name.replace('+', '/'))
}

const readLicence = folder => {
  if (folder.endsWith('.txt')) {
    const text = readFileSync(folder, 'utf8').trim()
    return { name: text.split(' ')[0], text: `${text}\n` }
  }
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find(each => /^licen[cs]e(\.\w+)?$/i.test(each))
  if (file === undefined && license === undefined) throw new Error(`${name} ${version} is bundled but has no licence`)
  // Some packages name their licence only in the manifest.
  const text = file === undefined ? `By ${author?.name ?? author}.` : readFileSync(join(folder, file), 'utf8').trim()
  return { name, text: `${name} ${version} (${license})\n\n${text}\n` }
}

/** The licence file for the bundles of `builds`: each bundled package with its licence. */
export const thirdPartyLicences = builds => {
  const licences = listPackageFolders(builds).map(readLicence)
  const texts = licences.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ text }) => text)
  return ['The code in this folder contains parts of these packages.\n', ...texts].join(`\n${'-'.repeat(80)}\n\n`)
}
