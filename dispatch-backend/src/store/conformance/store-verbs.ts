/** The verbs of the API and of maintenance, one store at a time and two at once. */
import { afterEach, beforeEach, describe } from 'vitest'
import { accountCases, ownerCases, sessionCases } from './accounts.js'
import { deleteAccountCases } from './delete-account.js'
import { cancelCases } from './cancel-jobs.js'
import { createJobsCases, idempotencyCases } from './create-jobs.js'
import { jobExportCases } from './job-exports.js'
import { echoCases, echoRequestCases } from './echoes.js'
import { jobFilterCases } from './job-filters.js'
import { jobListCases } from './job-lists.js'
import { apiKeyCases, projectCases, secretCases } from './projects.js'
import { deletedProjectCases, purgeCases, settingCases } from './purge.js'
import { mailCases } from './mail.js'
import { operatorCases, profileCases } from './profiles.js'
import { codeCases, resetCases } from './proofs.js'
import { registrationCases, registrationOwnerCases } from './registrations.js'
import { seedProject } from './seeds.js'
import { attemptFactCases, changeCases, jobCountCases, statsBucketCases } from './stats.js'
import type { StoreContext, StoreSubject } from './subject.js'

export function describeStoreVerbs(open: () => Promise<StoreSubject>): void {
  describe('instance owner', () => {
    let subject: StoreSubject
    beforeEach(async () => {
      subject = await open()
    })
    afterEach(() => subject.close())
    ownerCases(() => subject)
    registrationOwnerCases(() => subject)
  })

  describe('store verbs', () => {
    let context: StoreContext
    beforeEach(async () => {
      const subject = await open()
      context = { ...subject, project: await seedProject(subject.store) }
    })
    afterEach(() => context.close())
    const current = (): StoreContext => context

    describe('createJobs', () => createJobsCases(current))
    describe('Idempotency-Key', () => idempotencyCases(current))
    describe('cancelJobs', () => cancelCases(current))
    describe('getJob and listJobs', () => jobListCases(current))
    describe('listJobs, sorted and filtered', () => jobFilterCases(current))
    describe('exportJobs', () => jobExportCases(current))
    describe('accounts', () => accountCases(current))
    describe('sessions', () => sessionCases(current))
    describe('registrations', () => registrationCases(current))
    describe('codes', () => codeCases(current))
    describe('reset tokens', () => resetCases(current))
    describe('profiles', () => profileCases(current))
    describe('deleting an account', () => deleteAccountCases(current))
    describe('operator', () => operatorCases(current))
    describe('outbox', () => mailCases(current))
    describe('projects', () => projectCases(current))
    describe('API keys', () => apiKeyCases(current))
    describe('signing secrets', () => secretCases(current))
    describe('echoes', () => echoCases(current))
    describe('requests of an echo', () => echoRequestCases(current))
    describe('settings', () => settingCases(current))
    describe('deleted projects', () => deletedProjectCases(current))
    describe('attempts for statistics', () => attemptFactCases(current))
    describe('buckets of statistics', () => statsBucketCases(current))
    describe('counts of jobs', () => jobCountCases(current))
    describe('changes', () => changeCases(current))
    describe('purge', () => purgeCases(current))
  })
}
