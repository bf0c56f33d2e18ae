// Preloaded into a measured process: writes its peak memory, in KiB, to the file in CLAIMLOG_BENCH_PEAK_MEMORY.
// `process.resourceUsage().maxRSS` is no use: it starts at what the parent had when it started the process.
const { readFileSync, writeFileSync } = require('node:fs')

process.on('exit', () => {
  const [, kib = ''] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  writeFileSync(process.env.CLAIMLOG_BENCH_PEAK_MEMORY, kib)
})
