import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { derivedFiles } from '@claimlog/queue-file'
import { type Slot, withNameSlots } from './name-slots.ts'

const slot: Slot = {
  worker: 'ann',
  client: 'a client',
  checkout: '/a/checkout',
  program: 'a program',
  terminal: 'a terminal',
  realm: 'a realm',
}

/** A workspace with the slot, which is in `folder`, as `name`. */
const workspaceWithSlot = async () => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-slots-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  await saveSlot(dir)
  const folder = join(dir, derivedFiles.agents)
  const name = slotNames(folder)[0] ?? ''
  return { dir, folder, name, temporary: name.replace('json', `${process.pid}.tmp`) }
}

const saveSlot = (dir: string): Promise<void> => withNameSlots(dir, slots => slots.save(slot))
const slotNames = (folder: string): ReadonlyArray<string> => readdirSync(folder).filter(name => name !== 'lock')

describe('the slot of a name', () => {
  it('is written, even if a process with the same pid was killed before it renamed its file', async () => {
    const { dir, folder, name, temporary } = await workspaceWithSlot()
    renameSync(join(folder, name), join(folder, temporary))
    expect(await withNameSlots(dir, slots => slots.read())).toEqual([])
    await saveSlot(dir)
    expect(await withNameSlots(dir, slots => slots.read())).toEqual([slot])
    expect(slotNames(folder)).toEqual([name])
  })

  it('leaves nothing else behind if it cannot be written', async () => {
    const { dir, folder, name } = await workspaceWithSlot()
    rmSync(join(folder, name))
    mkdirSync(join(folder, name))
    await saveSlot(dir)
    expect(slotNames(folder)).toEqual([name])
  })
})
