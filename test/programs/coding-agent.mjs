// Imitates a coding agent: starts its MCP server as a child, and runs hooks and commands with sh. Reads its
// instructions as lines of JSON from stdin, and writes one line to stdout for each.
import { execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const [client, server] = [process.argv[2], JSON.parse(process.argv[3])]
let child
let lastId = 0
const waiting = new Map()

const send = message => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const request = (method, params) =>
  new Promise(resolve => {
    waiting.set((lastId += 1), resolve)
    send({ id: lastId, method, params })
  })
const start = async () => {
  child = spawn(server.command, server.args, { stdio: ['pipe', 'pipe', 'inherit'] })
  createInterface({ input: child.stdout }).on('line', line => {
    const { id, result, error } = JSON.parse(line)
    waiting.get(id)?.(result ?? { error })
    waiting.delete(id)
  })
  const clientInfo = { name: client, version: '1' }
  await request('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo })
  send({ method: 'notifications/initialized' })
  return { started: child.pid }
}
const stop = () =>
  new Promise(resolve => {
    child.once('exit', code => resolve({ stopped: code }))
    child.stdin.end()
  })
// The stdin of a hook stays open, as with some agents.
const sh = command =>
  new Promise(resolve => {
    execFile('sh', ['-c', command], (error, stdout, stderr) => resolve({ status: error?.code ?? 0, stdout, stderr }))
  })
const call = async (name, args) => (await request('tools/call', { name, arguments: args })).structuredContent

for await (const line of createInterface({ input: process.stdin })) {
  const { start: isStart, stop: isStop, sh: command, call: name, args = {} } = JSON.parse(line)
  const response = isStart ? start() : isStop ? stop() : command === undefined ? call(name, args) : sh(command)
  process.stdout.write(`${JSON.stringify(await response)}\n`)
}
process.exit()
