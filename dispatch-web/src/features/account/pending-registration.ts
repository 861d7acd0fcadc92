import type { RegisterBody } from 'dispatch-contract'

/**
 * What was registered in this tab and waits for its code. Its password goes along with the code, which keeps it when the
 * address was registered more than once. In memory only: a password is written nowhere.
 */
let pending: Pick<RegisterBody, 'email' | 'password'> | null = null

export function rememberRegistration(registration: Pick<RegisterBody, 'email' | 'password'> | null): void {
  pending = registration
}

export function passwordOfRegistration(email: string): string | undefined {
  return pending?.email === email ? pending.password : undefined
}
