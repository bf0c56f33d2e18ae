// Takes the place of event-log-file's load-crypto.ts in the bundles, which have a `require` and need not make one.
'use strict'

let loaded

/**
 * `node:crypto`, loaded by the first call: by a command that reads many lines. That one also tells the optimizing compiler
 * of Node 20 to take its time: it would spend 20 ms on code that runs for 5, and the process would wait for it.
 */
exports.loadCrypto = () => {
  if (loaded !== undefined) return loaded
  loaded = require('node:crypto')
  // Not before: code that was compiled ahead is taken only under the settings that it was compiled under.
  if (process.versions.node.startsWith('20.') && !process.env.CLAIMLOG_KEEP_COMPILED)
    require('node:v8').setFlagsFromString('--interrupt-budget=1320000')
  return loaded
}
