/** The zone in which instants are shown: UTC unless another is chosen. */
import type { Zone } from './format-time'
import { Observable } from './observable'
import { onStoredElsewhere, readStored, store } from './storage'

const toZone = (text: string | null): Zone => (text === 'local' ? 'local' : 'utc')

export const zone = new Observable<Zone>(toZone(readStored('zone')))
onStoredElsewhere('zone', (value) => zone.set(toZone(value)))

export function chooseZone(choice: Zone): void {
  store('zone', choice === 'utc' ? null : choice)
  zone.set(choice)
}
