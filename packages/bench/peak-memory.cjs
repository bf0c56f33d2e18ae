// Required by a measured process: leaves the most memory that it ever had, in KiB, in the file that is named.
// `process.resourceUsage().maxRSS` would not do: it starts with what the parent had when it started the process.
const { readFileSync, writeFileSync } = require('node:fs')

process.on('exit', () => {
  const [, kib = ''] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  writeFileSync(process.env.CLAIMLOG_BENCH_PEAK_MEMORY, kib)
})
