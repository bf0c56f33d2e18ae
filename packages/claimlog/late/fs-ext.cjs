// Replaces fs-ext in the bundles: the first lock loads the module itself.
'use strict'

const { join } = require('node:path')

/**
 * Tries the usual places of the native part of fs-ext relative to `dist`: the package's own node_modules, or the one that it
 * is installed in. Loading it directly takes a fifth of the time of resolving and loading fs-ext. If it is not compiled,
 * other-lock.cjs looks further.
 */
const load = () => {
  for (const folder of ['../node_modules', '../..'])
    try {
      const native = { exports: {} }
      process.dlopen(native, join(__dirname, folder, 'fs-ext/build/Release/fs_ext.node'))
      const { flock, constants } = native.exports
      const flags = { exnb: constants.LOCK_EX | constants.LOCK_NB, un: constants.LOCK_UN }
      return { flockSync: (fd, flag) => flock(fd, flags[flag]) }
    } catch {}
  return require('./other-lock.cjs').loadOtherLock()
}

let loaded
module.exports = {
  get flockSync() {
    return (loaded ??= load()).flockSync
  },
  get loadedPackage() {
    return (loaded ??= load()).loadedPackage
  },
}
