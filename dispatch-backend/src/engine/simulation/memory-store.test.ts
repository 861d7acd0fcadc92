import { describe } from 'vitest'
import { systemClock } from '../../clock.js'
import { describeEngineFuzz } from '../../store/conformance/engine-fuzz.js'
import { describeEngineVerbs } from '../../store/conformance/engine-verbs.js'
import { newId, type EngineSubject, type EngineSubjectStore } from '../../store/conformance/subject.js'
import { MemoryStore } from './memory-store.js'

/** The simulation is worth what its store is worth: it answers every verb as the databases do. */
describe.each([true, false])('the store in memory (single engine: %s)', (singleEngine) => {
  const open = (): Promise<EngineSubject> => {
    const memory = new MemoryStore({
      nowMs: () => systemClock.wallMs(),
      newId,
      singleEngine,
      sharesHostClock: singleEngine,
    })
    const store = asynchronous(memory)
    const seedProject = () => Promise.resolve({ projectId: newId(), apiKeyId: newId() })
    return Promise.resolve({ store, other: store, singleEngine, seedProject, close: () => Promise.resolve() })
  }
  describeEngineVerbs(open)
  describeEngineFuzz(open)
})

function asynchronous(memory: MemoryStore): EngineSubjectStore {
  const later = <Result>(verb: () => Result): Promise<Result> => Promise.resolve().then(verb)
  return {
    heartbeat: (request) => later(() => memory.heartbeat(request)),
    removeReplica: (replicaId) => later(() => memory.removeReplica(replicaId)),
    readDue: (query) => later(() => memory.readDue(query)),
    claim: (request) => later(() => memory.claim(request)),
    recordAttempts: (records) => later(() => memory.recordAttempts(records)),
    handBack: (claims) => later(() => memory.handBack(claims)),
    releaseExpired: (request) => later(() => memory.releaseExpired(request)),
    createJobs: (jobs) => later(() => memory.createJobs(jobs)),
    cancelJobs: (requests) => later(() => memory.cancelJobs(requests)),
    getJob: (scope, id) => later(() => memory.getJob(scope, id)),
  }
}
