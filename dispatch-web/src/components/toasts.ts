import { Toast } from '@base-ui/react/toast'

export const toasts = Toast.createToastManager()

/** Says that something was done; gone after some seconds, so never the only place of what matters. */
export function toast(title: string, description?: string): void {
  toasts.add({ title, ...(description !== undefined && { description }) })
}
