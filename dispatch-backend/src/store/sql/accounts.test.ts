import { describe, expect, it } from 'vitest'
import { databases } from '../../testing/databases.js'
import { shareSubject } from '../conformance/open-subject.js'
import { newUser } from '../conformance/seeds.js'

describe.each(databases)('accounts without an instance owner on $name', (testDatabase) => {
  const open = shareSubject(testDatabase)

  it('a refused sign-up does not leave the ownership taken', async () => {
    const { store, database } = await open()
    const first = newUser({}, true)
    await store.createUser(first)
    // As after a restore that lost the row: there are users, but nobody owns the instance.
    await database.write((connection) => connection.execute('delete from settings'))
    expect(await store.createUser(newUser({ email: first.user.email }, true))).toBe('email-taken')
    expect(await store.hasInstanceOwner()).toBe(false)
    expect(await store.createUser(newUser({}, true))).toBe('created')
  })
})
