import { useMutation } from '@tanstack/react-query'
import type { ErrorComponentProps } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
import { useEffect, type ReactNode } from 'react'
import { Button } from '../components/button'
import { CodeBlock } from '../components/code-block'
import { Main } from '../components/main'
import { isApiReachable } from '../lib/connection'
import { CodeUnreachableError, reloadIfServed } from '../lib/page-code'

/** A page threw: its code could not be loaded, or there is a bug of ours in it. */
export function CrashPage({ error, reset }: ErrorComponentProps) {
  if (error instanceof CodeUnreachableError) return <UnreachablePage />
  return (
    <CrashFrame
      title="This page broke"
      explanation="Your jobs are not affected: the server fires them whether or not anybody looks. Reloading helps when Dispatch was updated meanwhile."
    >
      <CodeBlock what="error" text={error instanceof Error ? error.message : String(error)} />
      <div className="flex gap-2">
        <ReloadButton>Reload</ReloadButton>
        <Button onClick={reset}>Try again</Button>
      </div>
    </CrashFrame>
  )
}

function UnreachablePage() {
  useEffect(() => isApiReachable.subscribe(() => void (isApiReachable.get() && reloadIfServed())), [])
  return (
    <CrashFrame
      title="This page could not be loaded"
      explanation="Its code comes from the server, and that does not answer. The page opens by itself when it is back."
    >
      <div>
        <ReloadButton>Try again</ReloadButton>
      </div>
    </CrashFrame>
  )
}

/** Stays where it is while there is nothing to reload: the browser's own error page knows no way back. */
function ReloadButton({ children }: { readonly children: string }) {
  const reloading = useMutation({ mutationFn: reloadIfServed })
  return (
    <span className="flex flex-wrap items-center">
      <Button look="primary" isBusy={reloading.isPending} onClick={() => reloading.mutate()}>
        {children}
      </Button>
      <span role="status" className="text-muted not-empty:ml-3">
        {reloading.data === false && 'Still no answer.'}
      </span>
    </span>
  )
}

interface CrashFrameProps {
  readonly title: string
  readonly explanation: string
  readonly children: ReactNode
}

function CrashFrame({ title, explanation, children }: CrashFrameProps) {
  return (
    <Main>
      <title>{`${title} · Dispatch`}</title>
      <div role="alert" className="mx-auto flex min-h-[70dvh] max-w-xl flex-col justify-center gap-3 px-4">
        <TriangleAlert aria-hidden size={22} className="text-danger-text" />
        <h1 className="text-xl font-semibold">{title}</h1>
        <p className="text-muted">{explanation}</p>
        {children}
      </div>
    </Main>
  )
}
