import { Observable } from '../lib/observable'

export interface ToastMessage {
  readonly title: string
  readonly description?: string
}

/** Said, and not yet taken by what shows it: its code is loaded when there is first something to say. */
export const saidToasts = new Observable<readonly ToastMessage[]>([])

/** Says that something was done; gone after some seconds, so never the only place of what matters. */
export function toast(title: string, description?: string): void {
  saidToasts.set([...saidToasts.get(), { title, ...(description !== undefined && { description }) }])
}

/** Each message is taken once. */
export function takeToasts(): readonly ToastMessage[] {
  const taken = saidToasts.get()
  if (taken.length > 0) saidToasts.set([])
  return taken
}
