import type * as contract from 'dispatch-contract'
import { expectTypeOf, test } from 'vitest'
import type * as client from './index.js'

// Judged by the compiler (`npm run types`): at run time there is nothing left of it.
test('the types written out here are those of the contract', () => {
  expectTypeOf<client.JobStatus>().toEqualTypeOf<contract.JobStatus>()
  expectTypeOf<client.Job>().toEqualTypeOf<contract.Job>()
  expectTypeOf<client.JobDetails>().toEqualTypeOf<contract.JobDetails>()
  expectTypeOf<client.AttemptLog>().toEqualTypeOf<contract.AttemptLog>()
  expectTypeOf<client.JobListItem>().toEqualTypeOf<contract.JobListItem>()
  expectTypeOf<client.Pagination>().toEqualTypeOf<contract.Pagination>()
  expectTypeOf<client.JobSearch>().toEqualTypeOf<contract.JobSearch>()
  expectTypeOf<client.ExportedJob>().branded.toEqualTypeOf<contract.ExportedJob>()
  expectTypeOf<client.CancelledJobs>().toEqualTypeOf<contract.CancelledJobs>()
  expectTypeOf<client.JobPage>().toEqualTypeOf<contract.JobPage>()
  expectTypeOf<client.JobRequest>().toEqualTypeOf<contract.JobRequest>()
  expectTypeOf<client.StatsRange>().toEqualTypeOf<contract.StatsRange>()
  expectTypeOf<client.Stats>().branded.toEqualTypeOf<contract.Stats>()
  expectTypeOf<client.Forecast>().toEqualTypeOf<contract.Forecast>()
  expectTypeOf<client.JobEvent>().toEqualTypeOf<contract.JobEvent>()
  expectTypeOf<client.RefreshEvent>().toEqualTypeOf<contract.RefreshEvent>()
})
