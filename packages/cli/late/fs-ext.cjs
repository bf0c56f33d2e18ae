// Takes the place of fs-ext in the bundles: the module itself is loaded by the first lock.
'use strict'

const { closeSync, openSync } = require('node:fs')
const { join } = require('node:path')

/**
 * Where the native part of fs-ext lies, seen from `dist`: in a package's own folder or in the one it shares. Loading it
 * from there takes a fifth of the time that looking for fs-ext and loading all of it does. Anywhere else it is looked for.
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
  // Node says of a module that it has no descriptor left for that there is no such module; this says what is missing.
  closeSync(openSync(__filename, 'r'))
  return require('fs-ext').flockSync
}

let loaded
module.exports = {
  get flockSync() {
    return (loaded ??= load())
  },
}
