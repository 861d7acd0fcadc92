/** The whole suite on every database; a verb of the store lands together with its case here. */
import { describe } from 'vitest'
import { databases } from '../../testing/databases.js'
import { describeEngineFuzz } from './engine-fuzz.js'
import { describeEngineRaces } from './engine-races.js'
import { describeEngineVerbs } from './engine-verbs.js'
import { shareSubject } from './open-subject.js'
import { describeStoreVerbs } from './store-verbs.js'

describe.each(databases)('store on $name', (database) => {
  const open = shareSubject(database)
  describeEngineVerbs(open)
  describeEngineRaces(open)
  describeEngineFuzz(open)
  describeStoreVerbs(open)
})
