import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  asksForEncryption,
  collectRequests,
  type ProxiedRequest,
  splitMessages,
  type WireMessage,
} from './wire-messages.ts'

/** A fault of the network, by its effect on one request. */
export type Fault =
  /** The connection is reset before the server gets the request. */
  | 'cut-request'
  /** The server does the work; then the connection is reset, and the answer is lost. */
  | 'lose-answer'
  /** The same, but the client gets the first half of the answer, and the end of the stream. */
  | 'cut-answer'
  /** The connection is reset, and the server gets the request later. */
  | 'deliver-late'
  /** The server gets the request later. */
  | 'delay'
  /** The server does the work; instead of the answer, the client gets the end of the stream, and can still send. */
  | 'half-close'
  /** The server does not get the request. The connection stays open, and nothing comes from it any more. */
  | 'swallow-request'
  /** The server does the work. The connection stays open, and nothing comes from it any more. */
  | 'swallow-answer'

/** A fault that meets a request. */
export type MetFault = {
  readonly fault: Fault
  /** Resolves when a delayed or late request is to be sent. */
  readonly wait: () => Promise<unknown>
  /** The fault has had its effect: the answer is lost, the late request answered or its connection closed. */
  readonly onEffect: () => void
}

export const waitMs = (ms: number) => (): Promise<unknown> => sleep(ms, undefined, { ref: false })

type ConnectionOptions = {
  readonly number: number
  readonly target: { readonly host: string; readonly port: number }
  /** Chooses the fault that meets a request. */
  readonly meetFault: (request: ProxiedRequest) => MetFault | undefined
}

export type ProxiedConnection = {
  /** Resets the connection. */
  readonly cut: () => void
  /** Nothing passes any more in either direction, and neither side learns it. */
  readonly swallow: () => void
  /** Resolves once both sides are closed. */
  readonly closed: Promise<unknown>
}

/** The steps of which faults consist. */
type Link = Pick<ProxiedConnection, 'cut' | 'swallow'> & {
  readonly client: Socket
  /** Sends a request to the server; `met` is the fault that its answer meets. */
  readonly send: (request: ProxiedRequest, met: MetFault | undefined) => void
}

/** An answer that the server owes; the answer to a request that met a fault is kept here. */
type OwedAnswer = { readonly met: MetFault | undefined; readonly chunks: Array<Buffer> }

/** Connects a client to the server. The server owes the answers in the order of the requests, and each ends with `Z`. */
export const proxyConnection = (client: Socket, options: ConnectionOptions): ProxiedConnection => {
  const server = connect(options.target)
  // The server greets the client, which is not the answer to a request.
  const owed: Array<OwedAnswer> = [{ met: undefined, chunks: [] }]
  let isSwallowed = false
  let sent = Promise.resolve()
  /** Work on what the client sends, in its order: a delayed request delays those behind it. */
  const inOrder = (work: () => unknown): void => {
    sent = sent.then(async () => {
      if (!isSwallowed) await work()
    })
  }
  const link: Link = {
    client,
    cut: () => {
      reset(client)
      server.destroy()
    },
    swallow: () => {
      isSwallowed = true
    },
    send: ({ bytes }, met) => {
      if (isSwallowed) return
      // The server has ended the session, and owes nothing any more.
      if (server.closed) return met?.onEffect()
      owed.push({ met, chunks: [] })
      server.write(bytes)
    },
  }
  const takeAnswer = ({ type, bytes }: WireMessage): void => {
    if (isSwallowed) return
    const [answer] = owed
    if (answer?.met !== undefined) answer.chunks.push(bytes)
    else if (client.writable) client.write(bytes)
    if (type !== 'Z') return
    owed.shift()
    if (answer?.met !== undefined) withholdAnswer(answer.met, Buffer.concat(answer.chunks), link)
  }
  connectStreams(client, server, {
    takeMessage: collectRequests(
      options.number,
      request => inOrder(() => takeRequest(request, options.meetFault(request), link)),
      bytes => inOrder(() => server.write(bytes)),
    ),
    takeAnswer,
    clientHasEnded: () => inOrder(() => owed.some(({ met }) => met?.fault === 'deliver-late') || server.end()),
    serverHasClosed: () => {
      for (const { met } of owed.splice(0)) met?.onEffect()
      if (!isSwallowed) client.end()
    },
  })
  const closed = Promise.all([client, server].map(socket => new Promise(resolve => socket.once('close', resolve))))
  return { cut: link.cut, swallow: link.swallow, closed }
}

/** Node never closes a socket that is reset while its end is being sent, and then the process hangs at its exit. */
const reset = (socket: Socket): void => {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}

const takeRequest = async (request: ProxiedRequest, met: MetFault | undefined, link: Link): Promise<void> => {
  switch (met?.fault) {
    case 'cut-request':
      link.cut()
      return met.onEffect()
    case 'swallow-request':
      link.swallow()
      return met.onEffect()
    case 'deliver-late':
      reset(link.client)
      await met.wait()
      return link.send(request, met)
    case 'delay':
      await met.wait()
      link.send(request, undefined)
      return met.onEffect()
    case 'lose-answer':
    case 'cut-answer':
    case 'half-close':
    case 'swallow-answer':
    case undefined:
      return link.send(request, met)
  }
}

/** Does to the client what the fault does in place of the answer, which has come whole: the work is done. */
const withholdAnswer = ({ fault, onEffect }: MetFault, answer: Buffer, link: Link): void => {
  if (fault === 'cut-answer') link.client.end(answer.subarray(0, answer.length / 2))
  else if (fault === 'half-close') link.client.end()
  else if (fault === 'swallow-answer') link.swallow()
  else link.cut()
  onEffect()
}

type StreamHandlers = {
  readonly takeMessage: (message: WireMessage) => void
  readonly takeAnswer: (message: WireMessage) => void
  readonly clientHasEnded: () => void
  readonly serverHasClosed: () => void
}

const connectStreams = (client: Socket, server: Socket, handlers: StreamHandlers): void => {
  let isStarted = false
  client.on(
    'data',
    splitMessages(
      () => isStarted,
      message => {
        // The proxy has to read what passes.
        if (asksForEncryption(message)) return void client.write('N')
        isStarted = true
        handlers.takeMessage(message)
      },
    ),
  )
  server.on(
    'data',
    splitMessages(() => true, handlers.takeAnswer),
  )
  for (const socket of [client, server]) socket.setNoDelay().on('error', () => undefined)
  let hasEnded = false
  const end = (): void => {
    if (!hasEnded) handlers.clientHasEnded()
    hasEnded = true
  }
  client.on('end', end).on('close', end)
  server.on('close', handlers.serverHasClosed)
}
