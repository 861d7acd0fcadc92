/** What row locks of a single node could not keep from happening. */
import { describe, expect, it } from 'vitest'
import { databases } from '../../testing/databases.js'
import { seedAccount } from '../conformance/account-seeds.js'
import { shareSubject } from '../conformance/open-subject.js'
import { seedProject } from '../conformance/seeds.js'
import { claimRequest, createJobs, T0 } from '../conformance/subject.js'

describe.each(databases)('the purge of what was deleted on $name', (testDatabase) => {
  const open = shareSubject(testDatabase)

  it('finds a project that another node made while its organization went', async () => {
    const { store, database } = await open()
    await seedProject(store)
    const { user } = await seedAccount(store)
    const project = await seedProject(store, user.id)
    const [job] = await createJobs(store, project, [{}])
    await store.deleteAccount({ userId: user.id, nowMs: T0, mail: null })
    await database.write((connection) =>
      connection.execute('update projects set deleted_at = null where id = ?', [project.projectId]),
    )
    // The job, the API key and the signing secret at once; the rows of project and organization later.
    expect(await store.purgeDeleted({ limit: 100 })).toBe(3)
    expect((await store.claim(claimRequest([job!]))).jobs).toEqual([])
    await database.write((connection) => connection.execute('update projects set deleted_at = 1 where deleted_at > 0'))
    expect(await store.purgeDeleted({ limit: 100 })).toBe(2)
    expect(await store.purgeDeleted({ limit: 100 })).toBe(0)
  })
})
