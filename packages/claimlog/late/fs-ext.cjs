// Replaces fs-ext in the bundles: the first lock loads the module itself.
'use strict'

const { closeSync, openSync } = require('node:fs')
const { join } = require('node:path')

/**
 * Tries the usual places of the native part of fs-ext relative to `dist`: the package's own node_modules, or the one that it
 * is installed in. Loading it directly takes a fifth of the time of resolving and loading fs-ext, which is the fallback.
 */
const load = () => {
  for (const folder of ['../node_modules', '../..'])
    try {
      const native = { exports: {} }
      process.dlopen(native, join(__dirname, folder, 'fs-ext/build/Release/fs_ext.node'))
      const { flock, constants } = native.exports
      const flags = { exnb: constants.LOCK_EX | constants.LOCK_NB, un: constants.LOCK_UN }
      return (fd, flag) => flock(fd, flags[flag])
    } catch {}
  // Without a free file descriptor, Node reports that the module does not exist; opening a file reports the real error.
  closeSync(openSync(__filename, 'r'))
  return require('fs-ext').flockSync
}

let loaded
module.exports = {
  get flockSync() {
    return (loaded ??= load())
  },
}
