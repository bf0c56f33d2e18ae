// A separate bundle, loaded if the native part of fs-ext is not in its usual place.
'use strict'

const { closeSync, openSync } = require('node:fs')
const { join } = require('node:path')

const prebuilt = 'fs-ext-extra-prebuilt'
const { platform, arch, versions } = process
const system = `${platform}-${arch}`
const major = versions.node.split('.')[0]
/** The native code of the prebuilt fork; its install script compiles it for a Node that it has no binary for. */
const prebuiltFiles = [`binaries/fs-ext-${system}-node-${major}.0.0.node`, 'build/Release/fs_ext.node']

/**
 * Loads `flock` from the prebuilt fork of fs-ext, which npm need not compile, or by Node's own rules, for other layouts
 * and for programs that another bundler has bundled. Throws an error that names what is missing, and why.
 */
exports.loadOtherLock = () => {
  for (const file of prebuiltFiles)
    for (const folder of ['../node_modules', '../..'])
      try {
        const native = { exports: {} }
        process.dlopen(native, join(__dirname, folder, prebuilt, file))
        const { flock, constants } = native.exports
        const flags = { exnb: constants.LOCK_EX | constants.LOCK_NB, un: constants.LOCK_UN }
        return { flockSync: (fd, flag) => flock(fd, flags[flag]), loadedPackage: prebuilt }
      } catch {}
  // Without a free file descriptor, Node reports that the module does not exist; opening a file reports the real error.
  closeSync(openSync(process.execPath, 'r'))
  return requirePackage()
}

const requirePackage = () => {
  const problems = []
  try {
    return { flockSync: require('fs-ext').flockSync, loadedPackage: 'fs-ext' }
  } catch (thrown) {
    problems.push(describeProblem('fs-ext', thrown))
  }
  try {
    return { flockSync: require('fs-ext-extra-prebuilt').flockSync, loadedPackage: prebuilt }
  } catch (thrown) {
    problems.push(describeProblem(prebuilt, thrown))
  }
  throw Object.assign(new Error(`no native code for file locks: ${problems.join('; ')}`), { code: 'MODULE_NOT_FOUND' })
}

const describeProblem = (name, { code, message }) => {
  const firstLine = String(message).split('\n')[0]
  if (code === 'ERR_DLOPEN_FAILED') return `${name} does not load (${firstLine})`
  if (firstLine.startsWith(`Cannot find module '${name}'`)) return `${name} is not installed`
  return name === prebuilt
    ? `${name} has none that loads for Node ${major} on ${system}`
    : `${name} is not compiled, because npm ran no install script or found no compiler`
}
