import type { ErrorComponentProps } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
import { useEffect } from 'react'
import { Button } from '../components/button'
import { CodeBlock } from '../components/code-block'
import { isApiReachable } from '../lib/connection'

/** A page threw: a bug of ours, or a part of the dashboard that could not be loaded (a newer build stands there now). */
export function CrashPage({ error, reset }: ErrorComponentProps) {
  // A page that could not be loaded because the server was away is loaded once it is back.
  useEffect(() => isApiReachable.subscribe(() => isApiReachable.get() && location.reload()), [])
  return (
    <div role="alert" className="mx-auto flex min-h-[70dvh] max-w-xl flex-col justify-center gap-3 px-4">
      <title>Something broke · Dispatch</title>
      <TriangleAlert aria-hidden size={22} className="text-danger-text" />
      <h1 className="text-xl font-semibold">This page broke</h1>
      <p className="text-muted">
        Your jobs are not affected: the server fires them whether or not anybody looks. Reloading helps when Dispatch
        was updated meanwhile.
      </p>
      <CodeBlock what="error" text={error instanceof Error ? error.message : String(error)} />
      <div className="flex gap-2">
        <Button look="primary" onClick={() => location.reload()}>
          Reload
        </Button>
        <Button onClick={reset}>Try again</Button>
      </div>
    </div>
  )
}
