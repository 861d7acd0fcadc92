import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ECHO_REQUESTS_KEPT, type EchoRequestItem } from 'dispatch-contract'
import { Inbox, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { Banner } from '../../components/banner'
import { Button } from '../../components/button'
import { DataView } from '../../components/data-view'
import { EmptyState } from '../../components/empty-state'
import { Panel } from '../../components/panel'
import { Time } from '../../components/time'
import { clearEchoRequests, echoRequestsQuery } from '../../features/echo/api'
import { messageOf } from '../../lib/api-error'
import { classNames } from '../../lib/class-names'
import { RequestDetail } from './request-detail'
import { Verdict } from './verdict'

/** What came, as it comes. The newest is shown until another one is chosen. */
export function RequestsPanel({ projectId, isOn }: { readonly projectId: string; readonly isOn: boolean }) {
  const queryClient = useQueryClient()
  const requests = useQuery(echoRequestsQuery(projectId))
  const clearing = useMutation({
    mutationFn: () => clearEchoRequests(projectId),
    onSuccess: () => queryClient.setQueryData(echoRequestsQuery(projectId).queryKey, []),
  })
  const count = requests.data?.length ?? 0
  return (
    <Panel
      title="Requests"
      description={`The last ${ECHO_REQUESTS_KEPT}, newest first, as they come.`}
      actions={
        <Button
          size="sm"
          icon={<Trash2 aria-hidden size={14} />}
          disabled={count === 0}
          isBusy={clearing.isPending}
          onClick={() => clearing.mutate()}
        >
          Clear
        </Button>
      }
    >
      {clearing.isError && (
        <div className="p-4">
          <Banner tone="danger">{messageOf(clearing.error)}</Banner>
        </div>
      )}
      <DataView query={requests}>
        {(found) =>
          found.length === 0 ? (
            <EmptyState icon={Inbox} title="Nothing came yet">
              {isOn ? 'It will stand here the moment it arrives.' : 'While the echo is off, nothing will.'}
            </EmptyState>
          ) : (
            <Requests projectId={projectId} requests={found} />
          )
        }
      </DataView>
    </Panel>
  )
}

interface RequestsProps {
  readonly projectId: string
  /** At least one. */
  readonly requests: readonly EchoRequestItem[]
}

function Requests({ projectId, requests }: RequestsProps) {
  const [chosenId, setChosenId] = useState<string | null>(null)
  const shown = requests.find(({ id }) => id === chosenId) ?? requests[0]!
  return (
    <div className="grid lg:grid-cols-[21rem_minmax(0,1fr)]">
      <ol
        aria-label="Requests, newest first"
        className="max-h-72 overflow-y-auto border-line max-lg:border-b lg:max-h-144 lg:border-r"
      >
        {requests.map((request) => (
          <li key={request.id} className="border-b border-line last:border-0">
            <Entry request={request} isShown={request === shown} onChoose={() => setChosenId(request.id)} />
          </li>
        ))}
      </ol>
      <RequestDetail key={shown.id} projectId={projectId} item={shown} />
    </div>
  )
}

interface EntryProps {
  readonly request: EchoRequestItem
  readonly isShown: boolean
  readonly onChoose: () => void
}

function Entry({
  request: { method, at, attempt, bodyBytes, answeredStatus, verdict },
  isShown,
  onChoose,
}: EntryProps) {
  return (
    <button
      type="button"
      aria-current={isShown}
      onClick={onChoose}
      className={classNames(
        'relative flex w-full flex-col gap-0.5 px-4 py-2.5 text-left focus-visible:outline-offset-[-2px]',
        isShown
          ? 'bg-raised before:absolute before:inset-y-0 before:left-0 before:w-0.5 before:bg-accent'
          : 'hover:bg-raised/50',
      )}
    >
      <span className="flex items-center justify-between gap-3">
        <span className="font-mono text-sm font-medium">
          {method}
          {attempt !== null && <span className="font-sans font-normal text-muted"> · attempt {attempt}</span>}
        </span>
        <Verdict verdict={verdict} />
      </span>
      <span className="flex items-baseline justify-between gap-3 text-sm text-muted">
        <Time at={at} precision="ms" />
        <span className="tabular whitespace-nowrap">
          {bodyBytes.toLocaleString('en')} B → {answeredStatus}
        </span>
      </span>
    </button>
  )
}
