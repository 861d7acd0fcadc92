/** The engine's verbs, one store at a time. Nothing here needs SQL, so a store in memory can be held to it too. */
import { afterEach, beforeEach, describe } from 'vitest'
import { claimCases, handBackCases } from './engine-claims.js'
import { heartbeatCases, readDueCases } from './engine-due.js'
import { interruptedCases, recordCases } from './engine-records.js'
import { releaseCases } from './engine-release.js'
import type { EngineContext, EngineSubject, Project } from './subject.js'

export function describeEngineVerbs(open: () => Promise<EngineSubject>): void {
  describe('engine verbs', () => {
    let subject: EngineSubject
    let project: Project
    beforeEach(async () => {
      subject = await open()
      project = await subject.seedProject()
    })
    afterEach(() => subject.close())
    const context = (): EngineContext => ({ ...subject, project })

    describe('heartbeat', () => heartbeatCases(context))
    describe('readDue', () => readDueCases(context))
    describe('claim', () => claimCases(context))
    describe('recordAttempts', () => recordCases(context))
    describe('interrupted records', () => interruptedCases(context))
    describe('handBack', () => handBackCases(context))
    describe('releaseExpired', () => releaseCases(context))
  })
}
