import { isApiReachable } from '../lib/connection'
import { useObservable } from '../lib/observable'
import { Banner } from './banner'

/** Stands while the API cannot be reached, and goes by itself. */
export function ApiDownBanner() {
  if (useObservable(isApiReachable)) return null
  return (
    // Below, where no heading stands; above the bar of a phone.
    <div className="fixed inset-x-3 bottom-20 z-40 mx-auto max-w-xl md:bottom-4">
      <Banner tone="warning" className="shadow-float">
        <strong className="font-semibold">Dispatch cannot be reached.</strong> This page tries again every two seconds
        and goes on by itself.
      </Banner>
    </div>
  )
}
