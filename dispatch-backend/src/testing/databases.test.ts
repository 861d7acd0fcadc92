import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { databases } from './databases.js'

describe.each(databases)('a test database on $name', ({ create }) => {
  it('is a new one for each caller', async () => {
    const [first, second] = await Promise.all([create(), create()])
    expect(first.config).not.toEqual(second.config)
    await Promise.all([first.drop(), second.drop()])
    if (first.config.kind === 'sqlite') expect(existsSync(first.config.file)).toBe(false)
  })
})
