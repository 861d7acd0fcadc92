/** Signing up and in, and one's own account. */
import { queryOptions } from '@tanstack/react-query'
import {
  me,
  registered,
  session,
  signedIn,
  user,
  type ChangePasswordBody,
  type DeleteAccountBody,
  type EmailBody,
  type LoginBody,
  type ProfileBody,
  type RegisterBody,
  type ResetPasswordBody,
  type VerifyEmailBody,
} from 'dispatch-contract'
import * as z from 'zod'
import { askApi, callApi, nothing } from '../../lib/api-client'

const post = 'POST'

/** Signed in at once, or, where the server sends mail, a code is on its way. */
export function register(body: RegisterBody) {
  return callApi({ method: post, path: '/auth/register', body, data: z.union([signedIn, registered]) })
}

export function verifyEmail(body: VerifyEmailBody) {
  return askApi({ method: post, path: '/auth/verify-email', body, data: signedIn })
}

export function resendVerification(body: EmailBody) {
  return askApi({ method: post, path: '/auth/resend-verification', body, data: nothing })
}

export function signIn(body: LoginBody) {
  return callApi({ method: post, path: '/auth/login', body, data: signedIn })
}

export function signOut() {
  return callApi({ method: post, path: '/auth/logout', data: nothing })
}

export function forgotPassword(body: EmailBody) {
  return askApi({ method: post, path: '/auth/forgot-password', body, data: nothing })
}

export function resetPassword(body: ResetPasswordBody) {
  return callApi({ method: post, path: '/auth/reset-password', body, data: nothing })
}

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => callApi({ path: '/me', data: me, signal }),
})

/** With a new address goes the password of the account. */
export function updateProfile(body: ProfileBody & { readonly password?: string | undefined }) {
  return askApi({ method: 'PUT', path: '/me/profile', body, data: user })
}

export function changePassword(body: ChangePasswordBody) {
  return callApi({ method: 'PUT', path: '/me/password', body, data: nothing })
}

export function deleteAccount(body: DeleteAccountBody) {
  return askApi({ method: 'DELETE', path: '/me/account', body, data: nothing })
}

export const sessionsQuery = queryOptions({
  queryKey: ['me', 'sessions'],
  queryFn: ({ signal }) => callApi({ path: '/me/sessions', data: z.array(session), signal }),
})

export function endSessionById(id: string) {
  return callApi({ method: 'DELETE', path: `/me/sessions/${encodeURIComponent(id)}`, data: nothing })
}

export function endOtherSessions() {
  return askApi({ method: 'DELETE', path: '/me/sessions', data: nothing })
}
