import { CatchBoundary } from '@tanstack/react-router'
import { Suspense, useState } from 'react'
import { useObservable } from '../lib/observable'
import { lazyPage } from '../lib/page-code'
import { saidToasts } from './toasts'

const ToastStack = lazyPage(() => import('./toast-stack'), 'ToastStack')

/** Where `toast(…)` shows up. */
export function Toaster() {
  const isSaid = useObservable(saidToasts).length > 0
  const [isNeeded, setNeeded] = useState(isSaid)
  if (isSaid && !isNeeded) setNeeded(true)
  if (!isNeeded) return null
  return (
    // While the code cannot be loaded toasts are lost, and the page stays.
    <CatchBoundary getResetKey={() => 'toasts'} errorComponent={() => null}>
      <Suspense>
        <ToastStack />
      </Suspense>
    </CatchBoundary>
  )
}
