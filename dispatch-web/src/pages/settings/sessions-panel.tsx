import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Session } from 'dispatch-contract'
import { Banner } from '../../components/banner'
import { Button } from '../../components/button'
import { DataView } from '../../components/data-view'
import { Panel } from '../../components/panel'
import { SkeletonRows } from '../../components/skeleton'
import { Cell, HeadCell, Row, Table, TableHead } from '../../components/table'
import { Time } from '../../components/time'
import { toast } from '../../components/toasts'
import { endOtherSessions, endSessionById, sessionsQuery } from '../../features/account/api'
import { describeBrowser } from '../../features/account/describe-browser'
import { messageOf } from '../../lib/api-error'

export function SessionsPanel() {
  const queryClient = useQueryClient()
  const sessions = useQuery(sessionsQuery)
  const onSuccess = () => queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey })
  const ending = useMutation({ mutationFn: endSessionById, onSuccess })
  const endingOthers = useMutation({
    mutationFn: () => endOtherSessions(),
    async onSuccess({ message }) {
      await onSuccess()
      toast(message)
    },
  })
  const error = ending.error ?? endingOthers.error
  const others = sessions.data?.filter(({ current }) => !current) ?? []
  return (
    <Panel
      title="Sessions"
      description="Where you are signed in."
      actions={
        <Button
          size="sm"
          disabled={others.length === 0}
          isBusy={endingOthers.isPending}
          onClick={() => endingOthers.mutate()}
        >
          End all others
        </Button>
      }
    >
      {error && (
        <Banner tone="danger" className="m-4">
          {messageOf(error)}
        </Banner>
      )}
      <DataView query={sessions} skeleton={<SkeletonRows rows={2} />}>
        {(found) => <SessionTable sessions={found} endedId={ending.variables} onEnd={(id) => ending.mutate(id)} />}
      </DataView>
    </Panel>
  )
}

interface SessionTableProps {
  readonly sessions: readonly Session[]
  readonly endedId: string | undefined
  readonly onEnd: (id: string) => void
}

function SessionTable({ sessions, endedId, onEnd }: SessionTableProps) {
  return (
    <Table label="Sessions">
      <TableHead>
        <HeadCell>Browser</HeadCell>
        <HeadCell className="max-sm:hidden">Address</HeadCell>
        <HeadCell>Last seen</HeadCell>
        <HeadCell>
          <span className="sr-only">Actions</span>
        </HeadCell>
      </TableHead>
      <tbody>
        {sessions.map(({ id, userAgent, ipAddress, lastSeenAt, current }) => (
          <Row key={id}>
            <Cell className="max-w-56 truncate" title={userAgent ?? undefined}>
              {describeBrowser(userAgent)}
            </Cell>
            <Cell className="font-mono text-sm text-muted max-sm:hidden">{ipAddress ?? '–'}</Cell>
            <Cell className="text-muted">
              <Time at={lastSeenAt} isRelative />
            </Cell>
            <Cell className="text-right">
              {current ? (
                <span className="text-sm text-faint">this one</span>
              ) : (
                <Button size="sm" look="quiet" isBusy={endedId === id} onClick={() => onEnd(id)}>
                  End
                </Button>
              )}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  )
}
