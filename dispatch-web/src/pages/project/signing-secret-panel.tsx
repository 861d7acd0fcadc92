import { useQuery } from '@tanstack/react-query'
import type { SigningSecret } from 'dispatch-contract'
import { Eye, RefreshCw } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../components/button'
import { CodeBlock } from '../../components/code-block'
import { DataView } from '../../components/data-view'
import { Panel } from '../../components/panel'
import { Skeleton } from '../../components/skeleton'
import { Time } from '../../components/time'
import { DocsLink } from '../../features/docs/docs-link'
import { signingSecretQuery } from '../../features/projects/api'
import { RotateSecretDialog } from './rotate-secret-dialog'

/** The secret is only read once somebody asks to see it. */
export function SigningSecretPanel({ projectId }: { readonly projectId: string }) {
  const [isShown, setShown] = useState(false)
  const [isRotating, setRotating] = useState(false)
  const secret = useQuery({ ...signingSecretQuery(projectId), enabled: isShown })
  return (
    <Panel
      title="Signing secret"
      description={
        <>
          Every delivery is signed with it, so that your endpoint can tell that it came from here:{' '}
          <DocsLink section="verifying-the-sender">how to check</DocsLink>.
        </>
      }
      isPadded
      actions={
        <Button size="sm" icon={<RefreshCw aria-hidden size={14} />} onClick={() => setRotating(true)}>
          Rotate
        </Button>
      }
    >
      {isShown ? (
        <DataView query={secret} skeleton={<Skeleton className="h-11 w-full" />}>
          {(found) => <Revealed secret={found} />}
        </DataView>
      ) : (
        <div className="flex items-center justify-between gap-3 rounded-md border border-line bg-well py-1.5 pr-1.5 pl-3">
          <span className="truncate font-mono text-sm text-faint">whsec_••••••••••••••••••••••••</span>
          <Button size="sm" look="quiet" icon={<Eye aria-hidden size={14} />} onClick={() => setShown(true)}>
            Reveal
          </Button>
        </div>
      )}
      {isRotating && (
        <RotateSecretDialog projectId={projectId} onClose={() => setRotating(false)} onRotated={() => setShown(true)} />
      )}
    </Panel>
  )
}

function Revealed({ secret: { secret, createdAt, previous } }: { readonly secret: SigningSecret }) {
  return (
    <div className="flex flex-col gap-2">
      <CodeBlock what="signing secret" text={secret} />
      <p className="text-sm text-muted">
        In use since <Time at={createdAt} precision="minute" />.
      </p>
      {previous.map(({ createdAt: since, expiresAt }) => (
        <p key={since} className="text-sm text-muted">
          The one from <Time at={since} precision="minute" /> still signs along, until{' '}
          <Time at={expiresAt} precision="minute" />.
        </p>
      ))}
    </div>
  )
}
