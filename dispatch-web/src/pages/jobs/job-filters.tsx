import { ListFilter, Search, X } from 'lucide-react'
import { useId, useState } from 'react'
import { Button } from '../../components/button'
import { Field } from '../../components/field'
import { FilterInput } from '../../components/filter-input'
import { Select } from '../../components/select'
import { toEndpoint } from '../../features/jobs/endpoint'
import { ProjectSelect } from '../../features/projects/project-select'
import { isFiltered, type JobsFilter, type JobsSearch } from './search'
import { StatusFilter } from './status-filter'
import { TimeFilter } from './time-filter'

const ORDERS = [
  { value: 'created desc', label: 'Newest first' },
  { value: 'created asc', label: 'Oldest first' },
  { value: 'due desc', label: 'Latest due first' },
  { value: 'due asc', label: 'Earliest due first' },
] as const

type Order = (typeof ORDERS)[number]['value']

const orUndefined = (text: string): string | undefined => (text === '' ? undefined : text)

export interface JobFiltersProps {
  readonly search: JobsSearch
  readonly onChange: (change: JobsFilter) => void
}

export function JobFilters({ search, onChange }: JobFiltersProps) {
  const [isOpen, setOpen] = useState(hasMore(search))
  const moreId = useId()
  return (
    <div className="flex flex-col gap-3 border-b border-line px-4 py-3">
      <div className="flex flex-wrap gap-2">
        <div className="relative min-w-48 flex-1 max-sm:basis-full">
          <Search aria-hidden size={15} className="absolute top-2.5 left-3 text-faint" />
          <FilterInput
            type="search"
            aria-label="Title, host or beginning of an id"
            placeholder="Title, host or beginning of an id"
            maxLength={191}
            className="pl-9"
            value={search.q ?? ''}
            onChange={(q) => onChange({ q: orUndefined(q) })}
          />
        </div>
        <Select<Order>
          aria-label="Order"
          options={ORDERS}
          value={`${search.sort ?? 'created'} ${search.order ?? 'desc'}`}
          onChange={(order) => onChange(toSort(order))}
          className="w-44! max-sm:flex-1"
        />
        <Button
          icon={<ListFilter aria-hidden size={15} />}
          aria-expanded={isOpen}
          aria-controls={moreId}
          onClick={() => setOpen(!isOpen)}
        >
          Filters
        </Button>
      </div>
      <div className="flex flex-wrap items-center gap-1.5">
        <StatusFilter value={search.status} onChange={(status) => onChange({ status })} />
        {isFiltered(search) && (
          <Button look="quiet" size="sm" icon={<X aria-hidden size={14} />} onClick={() => onChange(NO_FILTER)}>
            Clear
          </Button>
        )}
      </div>
      <div id={moreId} hidden={!isOpen}>
        {isOpen && <MoreFilters search={search} onChange={onChange} />}
      </div>
    </div>
  )
}

function MoreFilters({ search, onChange }: JobFiltersProps) {
  const what = search.sort === 'due' ? 'Due' : 'Created'
  return (
    <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
      <Field label="Project">
        <ProjectSelect className="w-full" value={search.projectId} onChange={(projectId) => onChange({ projectId })} />
      </Field>
      <Field label="Endpoint">
        <FilterInput
          placeholder="https://hooks.example.com"
          className="font-mono text-sm"
          inputMode="url"
          value={search.endpoint ?? ''}
          onChange={(endpoint) => onChange({ endpoint: orUndefined(toEndpoint(endpoint)) })}
        />
      </Field>
      <TimeFilter label={`${what} from`} value={search.from} onChange={(from) => onChange({ from })} />
      <TimeFilter label={`${what} before`} value={search.to} onChange={(to) => onChange({ to })} />
    </div>
  )
}

const NO_FILTER: JobsFilter = {
  status: undefined,
  projectId: undefined,
  endpoint: undefined,
  from: undefined,
  to: undefined,
  q: undefined,
}

function hasMore({ projectId, endpoint, from, to }: JobsSearch): boolean {
  return [projectId, endpoint, from, to].some((one) => one !== undefined)
}

/** The usual order stays out of the address. */
function toSort(order: Order): Pick<JobsFilter, 'sort' | 'order'> {
  return {
    sort: order.startsWith('due') ? 'due' : undefined,
    order: order.endsWith('asc') ? 'asc' : undefined,
  }
}
