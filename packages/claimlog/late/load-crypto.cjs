// Replaces event-log-line's load-crypto.ts in the bundles, which have a `require` and need not create one.
'use strict'

let loaded

/**
 * Returns `node:crypto`, loaded by the first call, which a command makes only if it reads many lines. For such a command it
 * also delays the optimizing compiler of Node 20: that would spend 20 ms on code that runs for 5, and the process would wait.
 */
exports.loadCrypto = () => {
  if (loaded !== undefined) return loaded
  loaded = require('node:crypto')
  // Not earlier: precompiled code is accepted only under the V8 flags that it was compiled with.
  if (process.versions.node.startsWith('20.') && !process.env.CLAIMLOG_KEEP_COMPILED)
    require('node:v8').setFlagsFromString('--interrupt-budget=1320000')
  return loaded
}
