import fastStringTruncatedWidth from 'fast-string-truncated-width'
import { describe, expect, it } from 'vitest'
import type { Diagnosis } from '@claimlog/wire'
import { renderDoctor } from './doctor.ts'

const diagnosis: Diagnosis = {
  ok: false,
  dir: '/w',
  checks: [
    { name: 'directory', state: 'ok', message: 'you can read and write .claimlog' },
    {
      name: 'lock',
      state: 'warning',
      message:
        'process 7 (検証者 \u001b[31mred; stopped) held the lock on events.jsonl for the 200 ms of this check: no other process can write',
      mend: 'it is stopped: kill -CONT 7 resumes it',
    },
    {
      name: 'chain',
      state: 'wrong',
      message: 'line 2, at byte 190, is damaged: it is not JSON',
      mend: 'make a copy of events.jsonl first; claimlog repair previews a repair',
    },
    { name: 'projection', state: 'skipped', message: 'not checked: the log could not be read to its end' },
  ],
  warnings: 1,
  wrong: 1,
}

/** The output on a terminal of this width; infinite for a pipe. */
const renderWidth = (columns: number): string => renderDoctor(diagnosis, columns)

describe('the report of doctor', () => {
  it('has one line per check without a terminal, its hint below, and control characters escaped', () => {
    expect(renderWidth(Number.POSITIVE_INFINITY)).toBe(`✓  directory   you can read and write .claimlog
!  lock        process 7 (検証者 \\u001b[31mred; stopped) held the lock on events.jsonl for the 200 ms of this check: no other process can write
               → it is stopped: kill -CONT 7 resumes it
✗  chain       line 2, at byte 190, is damaged: it is not JSON
               → make a copy of events.jsonl first; claimlog repair previews a repair
-  projection  not checked: the log could not be read to its end

4 checks: 1 warning, 1 problem
`)
  })

  it('wraps at the width of the terminal, indented past the name', () => {
    expect(renderWidth(60)).toBe(`✓  directory   you can read and write .claimlog
!  lock        process 7 (検証者 \\u001b[31mred; stopped)
               held the lock on events.jsonl for the 200 ms
               of this check: no other process can write
               → it is stopped: kill -CONT 7 resumes it
✗  chain       line 2, at byte 190, is damaged: it is not
               JSON
               → make a copy of events.jsonl first; claimlog
                 repair previews a repair
-  projection  not checked: the log could not be read to its
               end

4 checks: 1 warning, 1 problem
`)
  })

  it('begins below the name if the terminal is narrow', () => {
    expect(renderWidth(38)).toContain(`
✗  chain
   line 2, at byte 190, is damaged: it
   is not JSON
   → make a copy of events.jsonl
     first; claimlog repair previews a
     repair
-  projection
   not checked: the log could not be
`)
  })

  it('is never wider than the terminal, unless a single word is', () => {
    for (let columns = 30; columns < 140; columns += 1)
      for (const line of renderWidth(columns).split('\n'))
        expect({ columns, line, fits: fastStringTruncatedWidth(line).width <= columns }).toEqual({
          columns,
          line,
          fits: true,
        })
  })
})
