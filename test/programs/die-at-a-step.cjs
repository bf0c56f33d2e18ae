// Preloaded by `node --require`: kills the process before the step DIE_AT_STEP, of those that change a file or send
// something to a server, and prints the number of steps if it gets to its end.
const fs = require('node:fs')
const net = require('node:net')

const lastStep = Number(process.env.DIE_AT_STEP)
let steps = 0
const countStep = () => {
  steps += 1
  if (steps === lastStep) process.kill(process.pid, 'SIGKILL')
}
const countCalls = (object, name) => {
  const original = object[name]
  object[name] = function (...args) {
    countStep()
    return original.apply(this, args)
  }
}
for (const name of ['writeSync', 'writeFileSync', 'renameSync', 'unlinkSync', 'mkdirSync', 'ftruncateSync'])
  countCalls(fs, name)
for (const name of ['fsyncSync', 'fdatasyncSync', 'fchmodSync']) countCalls(fs, name)
countCalls(net.Socket.prototype, 'write')
process.on('exit', () => fs.writeFileSync('steps', String(steps)))
