import { describe, expect, it } from 'vitest'
import { outputTail } from './output-tail.ts'

const tailText = (...chunks: ReadonlyArray<string>): string => {
  const tail = outputTail()
  for (const chunk of chunks) tail.append(Buffer.from(chunk))
  return tail.text()
}

describe('the tail of an output', () => {
  it('is all of a short output, without trailing white space', () => {
    expect(tailText('first\n', 'second \u001b[0m\n\n')).toBe('first\nsecond \u001b[0m')
    expect(tailText()).toBe('')
  })

  it('starts at the beginning of a line', () => {
    const lines = Array.from({ length: 1000 }, (_, i) => `line ${i}`)
    const tail = tailText(...lines.map(line => `${line}\n`))
    expect(tail.length).toBeLessThanOrEqual(2048)
    expect(tail.length).toBeGreaterThan(2030)
    expect(lines.join('\n').endsWith(`\n${tail}`)).toBe(true)
  })

  it('may be one line of exactly the maximum length', () => {
    expect(tailText(`before\n${'x'.repeat(2048)}\n`)).toBe('x'.repeat(2048))
  })

  it('starts with a complete character if the line is longer', () => {
    expect(tailText('ä'.repeat(100_000), 'z')).toBe(`${'ä'.repeat(1023)}z`)
  })

  it('has only the last state of a progress bar', () => {
    const bar = Array.from({ length: 1000 }, (_, i) => `step ${i} of 1000\r`)
    expect(tailText('starting\n', ...bar, '\r\nno such file\r\n')).toBe('starting\nstep 999 of 1000\nno such file')
  })
})
