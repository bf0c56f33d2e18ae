// A file system with one file, `program`, a copy of argv[3], mounted on argv[2]. Its first page, by which the kernel
// recognizes a program, is read at once, and any other page after argv[4] milliseconds. So a process that executes it is
// in the middle of `execve` for that long, like one whose program is on a slow disk. Prints `mounted`; speaks the
// protocol of FUSE (linux/fuse.h), and ends when it is unmounted.
import { spawnSync } from 'node:child_process'
import { openSync, read, readFileSync, writeSync } from 'node:fs'

const [mountPoint = '', program = '', delayMs = '0'] = process.argv.slice(2)
const content = readFileSync(program)
const device = openSync('/dev/fuse', 'r+')

const [init, lookup, getAttributes, open, readPage, release, flush] = [26, 1, 3, 14, 15, 18, 25]
const unanswered = new Set([2, 36, 42])
const [noSuchFile, notImplemented] = [-2, -38]
const rootNode = 1
const fileNode = 2

/** A structure of the protocol with `size` bytes: pairs of an offset and a value of 32 bits. */
const struct = (size, ...values) => {
  const bytes = Buffer.alloc(size)
  for (const [offset, value] of values) bytes.writeUInt32LE(value, offset)
  return bytes
}

const attributes = (node, mode, size) => struct(88, [0, node], [8, size], [60, mode], [64, 1], [80, 4096])
const rootAttributes = attributes(rootNode, 0o040755, 0)
const fileAttributes = attributes(fileNode, 0o100755, content.length)

const answer = (request, body, error = 0) => {
  const header = struct(16, [0, 16 + body.length])
  header.writeInt32LE(error, 4)
  request.copy(header, 8, 8, 16)
  writeSync(device, Buffer.concat([header, body]))
}

const answerRead = request => {
  const [offset, size] = [request.readUInt32LE(48), request.readUInt32LE(56)]
  setTimeout(answer, offset === 0 ? 0 : Number(delayMs), request, content.subarray(offset, offset + size))
}

const handle = request => {
  const operation = request.readUInt32LE(4)
  if (unanswered.has(operation)) return
  switch (operation) {
    case init:
      // Version 7.31, without reading ahead.
      return answer(request, struct(64, [0, 7], [4, 31], [20, 4096]))
    case lookup:
      return request.toString('utf8', 40) === 'program\0'
        ? answer(request, Buffer.concat([struct(40, [0, fileNode], [16, 3600], [24, 3600]), fileAttributes]))
        : answer(request, Buffer.alloc(0), noSuchFile)
    case getAttributes:
      return answer(
        request,
        Buffer.concat([struct(16, [0, 3600]), request.readUInt32LE(16) === rootNode ? rootAttributes : fileAttributes]),
      )
    case open:
      return answer(request, struct(16))
    case readPage:
      return answerRead(request)
    case release:
    case flush:
      return answer(request, Buffer.alloc(0))
    default:
      return answer(request, Buffer.alloc(0), notImplemented)
  }
}

const buffer = Buffer.alloc(1 << 18)
const readRequests = () =>
  read(device, buffer, 0, buffer.length, null, (error, length) => {
    // ENODEV: it is unmounted; ENOENT: the process that asked was killed.
    if (error?.code === 'ENODEV') return
    if (error !== null && error.code !== 'ENOENT' && error.code !== 'EINTR') throw error
    if (error === null) handle(Buffer.from(buffer.subarray(0, length)))
    readRequests()
  })

const { status, stderr } = spawnSync(
  'mount',
  ['-i', '-t', 'fuse', '-o', 'fd=3,rootmode=40755,user_id=0,group_id=0,allow_other', 'slow-disk', mountPoint],
  { stdio: ['ignore', 'ignore', 'pipe', device], encoding: 'utf8' },
)
if (status !== 0) {
  process.stderr.write(stderr)
  process.exit(1)
}
readRequests()
process.stdout.write('mounted\n')
