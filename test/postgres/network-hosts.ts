import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { type MissingReason, programMissing } from '../support/machine/it-if-possible.ts'

/** A network namespace: to the network, another machine. It reaches this one, and the server on it, at one address. */
export type Host = { readonly name: string; readonly serverAddress: string }

/** The reason why there cannot be network namespaces here. */
export const namespacesMissing = (): MissingReason => {
  if (process.platform !== 'linux') return 'network namespaces are of Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  const missing = programMissing('ip', '-V')
  if (missing !== undefined) return missing
  const name = `claimlog-${process.pid}-test`
  const reason = programMissing('ip', 'netns', 'add', name)
  if (reason === undefined) execFileSync('ip', ['netns', 'delete', name])
  return reason
}

/** Makes two hosts, each with a network of its own to this machine; removes them after the test. */
export const makeHosts = (): readonly [Host, Host] => {
  // Addresses for benchmarks of networks (RFC 2544), which no network has.
  const network = randomInt(0, 128)
  return [makeHost(1, `198.18.${network * 2}`), makeHost(2, `198.18.${network * 2 + 1}`)]
}

const makeHost = (number: number, network: string): Host => {
  const ip = (...args: ReadonlyArray<string>) => execFileSync('ip', args)
  const name = `claimlog-${process.pid}-${number}`
  const serverAddress = `${network}.1`
  // Names of interfaces have at most 15 characters.
  const [here, there] = [`cl${process.pid}h${number}`, `cl${process.pid}n${number}`]
  ip('netns', 'add', name)
  // Removes its interfaces, too.
  onTestFinished(() => void ip('netns', 'delete', name))
  ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name)
  ip('address', 'add', `${serverAddress}/24`, 'dev', here)
  ip('link', 'set', here, 'up')
  ip('-n', name, 'address', 'add', `${network}.2/24`, 'dev', there)
  ip('-n', name, 'link', 'set', there, 'up')
  ip('-n', name, 'link', 'set', 'lo', 'up')
  return { name, serverAddress }
}
