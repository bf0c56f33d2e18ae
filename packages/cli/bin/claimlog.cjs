#!/usr/bin/env node
'use strict'

// Node 22 and later keep the compiled code between runs; Node 20 compiles it each time.
require('node:module').enableCompileCache?.()
require('../dist/claimlog.cjs')
