import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { toServerError } from './server-error.ts'

/** The error of a write to a connection that the other side has closed. */
const breakPipe = async (): Promise<unknown> => {
  const server = createServer(socket => socket.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket: Socket = connect((server.address() as { readonly port: number }).port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'close')
  server.close()
  return await new Promise(resolve => socket.write('x', resolve))
}

it('takes a broken pipe for a lost connection, although its name looks like a code of the server', async () => {
  const thrown = await breakPipe()
  expect(toServerError(thrown)._tag).toBe('lost')
  expect(toServerError(Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' }))._tag).toBe('lost')
})

it('takes an error for that of a server only if it has a severity', () => {
  const toTag = (code: string) => toServerError(Object.assign(new Error('failed'), { code, severity: 'ERROR' }))._tag
  expect(['42501', 'CL001', '53300', '55P03', '57P01', '08006'].map(toTag)).toEqual([
    ...['denied', 'refused', 'busy', 'busy', 'lost', 'lost'],
  ])
})
