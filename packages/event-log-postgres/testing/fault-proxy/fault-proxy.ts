import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { seededRandom } from '../../../../test/programs/seeded-random.mjs'
import { findFreePort } from '../server-process.ts'
import { type Fault, type MetFault, type ProxiedConnection, proxyConnection, waitMs } from './proxied-connection.ts'
import type { ProxiedRequest } from './wire-messages.ts'

type Matching = {
  /** Chooses the requests that can meet the fault, for example by their text; without it all can. */
  readonly matching?: (request: ProxiedRequest) => boolean
}

/** The probability of each fault in per cent; together at most 100. */
type FaultRates = Partial<Readonly<Record<Fault, number>>>

/** A request that the server has not got yet, although its client's connection is gone. */
type LateRequest = {
  /** Resolves once the client's connection is reset. */
  readonly held: Promise<ProxiedRequest>
  /** Sends the request to the server; resolves once it has answered. */
  readonly deliver: () => Promise<void>
}

/** A proxy on the loopback address, in front of a server or a pooler, that makes faults. It refuses encryption. */
export type FaultProxy = {
  readonly port: number
  readonly url: (database?: string) => string
  /** The next request that matches meets this fault. Resolves with it once the fault has had its effect. */
  readonly failNext: (
    fault: Exclude<Fault, 'deliver-late'>,
    options?: Matching & { readonly ms?: number },
  ) => Promise<ProxiedRequest>
  /** The next request that matches is delivered late: when the test asks for it. */
  readonly holdNext: (options?: Matching) => LateRequest
  /**
   * From now on, requests that match meet faults at random. The choices for the first, second, third … request depend on
   * the seed alone. Delays are up to `msMax` (100).
   */
  readonly failRandomly: (seed: number, rates: FaultRates, options?: Matching & { readonly msMax?: number }) => void
  /** Ends `failRandomly`. */
  readonly stopFailing: () => void
  /** The number of requests that met each fault. */
  readonly counts: () => FaultRates
  /** Resets all connections. */
  readonly cutAll: () => void
  /** Refuses new connections. */
  readonly refuse: () => void
  /** Nothing passes any more: connections stay open and new ones are accepted, but neither side hears of the other. */
  readonly partition: () => void
  /** Ends `refuse` and `partition`. Connections that were swallowed stay so. */
  readonly accept: () => Promise<void>
  /** Connects new clients to another server. */
  readonly redirect: (target: ProxyTarget) => void
  readonly dispose: () => void
}

/** A cluster or a pooler. */
export type ProxyTarget = {
  readonly host: string
  readonly port: number
  readonly url: (database?: string) => string
}

/** A fault that waits for its request. */
type PlannedFault = {
  readonly matches: (request: ProxiedRequest) => boolean
  readonly meet: (request: ProxiedRequest) => MetFault
}

const matchAll = (): boolean => true

export const startFaultProxy = async (target: ProxyTarget): Promise<FaultProxy> => {
  let currentTarget = target
  let isPartitioned = false
  let connectionCount = 0
  const sockets = new Set<Socket>()
  const connections = new Set<ProxiedConnection>()
  const plan = planFaults()

  const accept = (client: Socket): void => {
    sockets.add(client)
    client.on('error', () => undefined).on('close', () => sockets.delete(client))
    if (isPartitioned) return void client.resume()
    connectionCount += 1
    const connection = proxyConnection(client, {
      number: connectionCount,
      target: { host: currentTarget.host, port: currentTarget.port },
      meetFault: plan.meetFault,
    })
    connections.add(connection)
    void connection.closed.then(() => connections.delete(connection))
  }
  const port = await findFreePort()
  let listener = await listen(port, accept)
  /** Connections that it has accepted stay, so this does not wait for its end. */
  const refuse = (): void => void listener.close()
  return {
    ...plan.controls,
    port,
    url: database => {
      const url = new URL(target.url(database))
      url.hostname = '127.0.0.1'
      url.port = String(port)
      return url.href
    },
    cutAll: () => connections.forEach(connection => connection.cut()),
    refuse,
    partition: () => {
      isPartitioned = true
      connections.forEach(connection => connection.swallow())
    },
    accept: async () => {
      isPartitioned = false
      if (!listener.listening) listener = await listen(port, accept)
    },
    redirect: newTarget => {
      currentTarget = newTarget
    },
    dispose: () => {
      connections.forEach(connection => connection.cut())
      sockets.forEach(socket => socket.destroy())
      refuse()
    },
  }
}

const listen = async (port: number, onConnection: (client: Socket) => void): Promise<Server> => {
  // A client that has ended its side still gets its answers.
  const listener = createServer({ allowHalfOpen: true }, onConnection).listen(port, '127.0.0.1')
  await once(listener, 'listening')
  return listener
}

/** The faults to come: those for the next requests first, then those at random. */
const planFaults = () => {
  const planned: Array<PlannedFault> = []
  const counts = new Map<Fault, number>()
  let chooseRandomly: (request: ProxiedRequest) => MetFault | undefined = () => undefined

  const meetFault = (request: ProxiedRequest): MetFault | undefined => {
    const index = planned.findIndex(({ matches }) => matches(request))
    const met = index < 0 ? chooseRandomly(request) : planned.splice(index, 1)[0]?.meet(request)
    if (met !== undefined) counts.set(met.fault, (counts.get(met.fault) ?? 0) + 1)
    return met
  }
  const controls: Pick<FaultProxy, 'failNext' | 'holdNext' | 'failRandomly' | 'stopFailing' | 'counts'> = {
    failNext: (fault, { matching = matchAll, ms = 100 } = {}) =>
      new Promise(resolve => {
        const meet = (request: ProxiedRequest) => ({ fault, wait: waitMs(ms), onEffect: () => resolve(request) })
        planned.push({ matches: matching, meet })
      }),
    holdNext: ({ matching = matchAll } = {}) => {
      const [held, delivery, effect] = [newSignal<ProxiedRequest>(), newSignal<void>(), newSignal<void>()]
      const meet = (request: ProxiedRequest): MetFault => {
        const wait = () => {
          held.resolve(request)
          return delivery.promise
        }
        return { fault: 'deliver-late', wait, onEffect: effect.resolve }
      }
      planned.push({ matches: matching, meet })
      const deliver = (): Promise<void> => {
        delivery.resolve()
        return effect.promise
      }
      return { held: held.promise, deliver }
    },
    failRandomly: (seed, rates, { matching = matchAll, msMax = 100 } = {}) => {
      const random = seededRandom(seed)
      chooseRandomly = request => {
        if (!matching(request)) return undefined
        // Always two numbers for a request, so that the choices for the next one do not depend on this one.
        let percent = random.between(0, 9999) / 100
        const ms = random.between(1, msMax)
        const chosen = Object.entries(rates).find(([, rate]) => (percent -= rate) < 0)
        return chosen && { fault: chosen[0] as Fault, wait: waitMs(ms), onEffect: () => undefined }
      }
    },
    stopFailing: () => {
      chooseRandomly = () => undefined
    },
    counts: () => Object.fromEntries(counts),
  }
  return { meetFault, controls }
}

const newSignal = <A>(): { readonly promise: Promise<A>; readonly resolve: (value: A) => void } => {
  let resolve: (value: A) => void = () => undefined
  const promise = new Promise<A>(settle => (resolve = settle))
  return { promise, resolve }
}
