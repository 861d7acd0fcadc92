/** The bearer token. Kept in localStorage, so that all tabs share it and no cookie can be sent by another site's page. */
import { Observable } from './observable'
import { onStoredElsewhere, readStored, store } from './storage'

export const token = new Observable(readStored('token'))

export function startSession(newToken: string): void {
  store('token', newToken)
  token.set(newToken)
}

export function endSession(): void {
  store('token', null)
  token.set(null)
}

const expiry = new EventTarget()

/** A request was answered that the session is over; `refused` is the token it went with. */
export function expireSession(refused: string): void {
  // Another request may have signed in again meanwhile.
  if (token.get() !== refused) return
  endSession()
  expiry.dispatchEvent(new Event('expired'))
}

export function onSessionExpired(listener: () => void): () => void {
  expiry.addEventListener('expired', listener)
  return () => expiry.removeEventListener('expired', listener)
}

const elsewhere = new EventTarget()

onStoredElsewhere('token', (value) => {
  if (value === token.get()) return
  token.set(value)
  elsewhere.dispatchEvent(new Event('changed'))
})

/** Another tab ended the session or began another one. */
export function onSessionChangedElsewhere(listener: (isSignedIn: boolean) => void): void {
  elsewhere.addEventListener('changed', () => listener(token.get() !== null))
}
