// A minimal worker: runs several commands in parallel, one per task, and exits when they are done. Prints their output
// lines and outcomes as JSON. Arguments: the bundle of commandHandler, the directory, and the commands as JSON.
import { pathToFileURL } from 'node:url'

const [bundle = '', dir = '', commands = '[]'] = process.argv.slice(2)
const { commandHandler } = await import(pathToFileURL(bundle).href)

const print = document => process.stdout.write(`${JSON.stringify(document)}\n`)

await Promise.all(
  JSON.parse(commands).map(async ([command, ...args], i) => {
    const output = (_, stream) => ({ line: line => print({ i, stream, line }) })
    const { handle } = commandHandler({ command, args, log: { dir }, cwd: process.cwd(), graceMs: 60_000, output })
    const task = { id: `docs-${i}`, kind: 'docs', status: 'ready' }
    const claim = { worker: 'docs-worker', token: i, attempt: 1, claimedAt: '2025-01-01T12:00:00.000Z' }
    print({ i, ...(await handle({ task, claim, signal: new AbortController().signal })) })
  }),
)
