import { createHash, randomBytes } from 'node:crypto'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { splitMessages, type WireMessage } from './fault-proxy/wire-messages.ts'

/** A server that speaks PostgreSQL's protocol as far as it wants, and keeps every byte that clients send to it. */
export type HostileServer = {
  readonly port: number
  readonly connections: () => number
  /** All that was received so far, of all connections. */
  readonly received: () => Buffer
  /** The MD5 response to the salt that this server sends. */
  readonly md5Response: (user: string, password: string) => string
  readonly dispose: () => Promise<void>
}

/** The reaction of the server to each message of a connection, of which the first one is its start. */
export type Script = (send: (...messages: ReadonlyArray<Buffer>) => void, message: WireMessage, index: number) => void

const salt = Buffer.from('7a31c0de', 'hex')

/** Starts a server on loopback that answers each message of a client as `script` says; it refuses encryption. */
export const startHostileServer = async (script: Script): Promise<HostileServer> => {
  const sockets = new Set<Socket>()
  const chunks: Array<Buffer> = []
  let connections = 0
  const server = createServer(socket => {
    connections += 1
    sockets.add(socket)
    let count = 0
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', chunk => void chunks.push(chunk))
    const send = (...messages: ReadonlyArray<Buffer>): void => void socket.write(Buffer.concat(messages))
    socket.on(
      'data',
      splitMessages(
        () => count > 0,
        received => script(send, received, count++),
      ),
    )
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const md5 = (text: string | Buffer): string => createHash('md5').update(text).digest('hex')
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    received: () => Buffer.concat(chunks),
    md5Response: (user, password) => `md5${md5(Buffer.concat([Buffer.from(md5(password + user)), salt]))}`,
    dispose: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** Builds a message of the server. */
export const message = (type: string, ...parts: ReadonlyArray<Buffer | string | number>): Buffer => {
  const body = Buffer.concat(parts.map(toBytes))
  const header = Buffer.alloc(5)
  header.write(type, 'latin1')
  header.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([header, body])
}

const toBytes = (part: Buffer | string | number): Buffer => {
  if (typeof part !== 'number') return typeof part === 'string' ? Buffer.from(`${part}\0`) : part
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(part)
  return bytes
}

export const authenticationOk = message('R', 0)
export const askForCleartext = message('R', 3)
export const askForMd5 = message('R', 5, salt)
export const askForScram = message('R', 10, 'SCRAM-SHA-256', Buffer.from('\0'))
export const readyForQuery = message('Z', Buffer.from('I'))
export const errorResponse = (text: string, code = '28P01'): Buffer =>
  message('E', `SFATAL`, `VFATAL`, `C${code}`, `M${text}`, Buffer.from('\0'))

/** The second message of SCRAM, for the client's first one. */
export const continueScram = ({ bytes }: WireMessage, iterations = 4096): Buffer => {
  const nonce = /r=([^,]+)/.exec(bytes.toString('latin1'))?.[1] ?? ''
  const text = `r=${nonce}${randomBytes(12).toString('base64')},s=${salt.toString('base64')},i=${iterations}`
  return message('R', 11, Buffer.from(text))
}

/** One row of named values as text. */
export const answerRow = (values: Readonly<Record<string, string>>): ReadonlyArray<Buffer> => {
  const names = Object.keys(values)
  const count = Buffer.alloc(2)
  count.writeInt16BE(names.length)
  const column = (name: string): Buffer => {
    const rest = Buffer.alloc(18)
    rest.writeInt32BE(25, 6)
    return Buffer.concat([Buffer.from(`${name}\0`), rest])
  }
  const cell = (text: string): Buffer => Buffer.concat([toBytes(Buffer.byteLength(text)), Buffer.from(text)])
  return [
    message('1', Buffer.alloc(0)),
    message('2', Buffer.alloc(0)),
    message('T', count, ...names.map(column)),
    message('D', count, ...names.map(name => cell(values[name] ?? ''))),
    message('C', 'SELECT 1'),
  ]
}
