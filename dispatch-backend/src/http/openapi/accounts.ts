import * as contract from 'dispatch-contract'
import * as z from 'zod'
import * as example from './examples.js'
import type { Operations } from './operation.js'

const PASSWORD = 'correct horse battery'

/** The answer never tells whether the address is known. */
const MAILED = {
  tag: 'Account',
  description: 'The answer is the same whether or not the address is known here. A server without mail says so.',
  access: 'anyone',
  body: { schema: contract.emailBody, example: { email: example.user.email } },
} as const

export const ACCOUNT_OPERATIONS = {
  'GET /api/v1/setup': {
    tag: 'Account',
    summary: 'What signing up and in needs here',
    description: 'Whether there is an account yet, and whether this server sends mail.',
    access: 'anyone',
    answers: {
      200: {
        message: 'Set-up fetched successfully',
        data: contract.setup,
        example: { needsOwner: false, needsSetupToken: false, mail: true },
      },
    },
  },
  'POST /api/v1/auth/register': {
    tag: 'Account',
    summary: 'Create an account',
    description:
      'The first account owns the instance: it is made on the machine itself, or with the set-up token that is printed at start.',
    access: 'anyone',
    headers: [
      {
        name: 'x-setup-token',
        description: 'For the first account, when it is made from another machine. May also stand in the body.',
        schema: z.string(),
      },
    ],
    body: {
      schema: contract.registerBody,
      example: { email: example.user.email, password: PASSWORD, name: example.user.name },
    },
    answers: {
      201: {
        message: 'Account created successfully',
        when: 'Without mail the account is ready at once. With mail `data` is `{email}`, the same for a taken address, and a code is sent',
        data: z.union([contract.signedIn, contract.registered]),
        example: example.signedIn,
      },
    },
    errors: ['SETUP_TOKEN_REQUIRED', 'EMAIL_TAKEN', 'BUSY'],
  },
  'POST /api/v1/auth/login': {
    tag: 'Account',
    summary: 'Sign in',
    description:
      'The answer is the same whether the address is unknown or the password wrong. While the address is not verified it is 403 with `data` `{needsVerification: true, email}`, and a fresh code is sent.',
    access: 'anyone',
    body: { schema: contract.loginBody, example: { email: example.user.email, password: PASSWORD } },
    answers: { 200: { message: 'Signed in successfully', data: contract.signedIn, example: example.signedIn } },
    errors: ['BAD_CREDENTIALS', 'EMAIL_NOT_VERIFIED', 'ACCOUNT_DISABLED', 'BUSY'],
  },
  'POST /api/v1/auth/logout': {
    tag: 'Account',
    summary: 'Sign out',
    description: 'The session ends at once, on every replica.',
    access: 'session',
    answers: { 200: { message: 'Signed out successfully', data: null } },
  },
  'POST /api/v1/auth/verify-email': {
    tag: 'Account',
    summary: 'Verify an email address',
    description:
      'With the 6 digits that were mailed; they hold for 15 minutes and a few tries. For the new address of an account, send its session along, which goes on: `token` is its own.',
    access: 'anyone',
    body: { schema: contract.verifyEmailBody, example: { email: example.user.email, code: '493817' } },
    answers: { 200: { message: 'Email verified successfully', data: contract.signedIn, example: example.signedIn } },
    errors: ['CODE_INVALID', 'CODE_LOCKED', 'EMAIL_TAKEN', 'SETUP_TOKEN_REQUIRED', 'BUSY'],
  },
  'POST /api/v1/auth/resend-verification': {
    ...MAILED,
    summary: 'Send the code again',
    answers: { 200: { message: 'If the address waits to be verified, a new code is on its way', data: null } },
  },
  'POST /api/v1/auth/forgot-password': {
    ...MAILED,
    summary: 'Send a link to choose a new password',
    answers: { 200: { message: 'If the address has an account, a link is on its way', data: null } },
  },
  'POST /api/v1/auth/reset-password': {
    tag: 'Account',
    summary: 'Choose a new password',
    description: 'With the token of the link that was mailed; it holds for an hour and once. Every session ends.',
    access: 'anyone',
    body: { schema: contract.resetPasswordBody, example: { token: 'the-token-of-the-link', password: PASSWORD } },
    answers: { 200: { message: 'Password changed; sign in with the new one', data: null } },
    errors: ['RESET_TOKEN_INVALID', 'BUSY'],
  },
  'GET /api/v1/me': {
    tag: 'Account',
    summary: 'Who am I?',
    access: 'session',
    answers: { 200: { message: 'Account fetched successfully', data: contract.me, example: example.me } },
  },
  'PUT /api/v1/me/profile': {
    tag: 'Account',
    summary: 'Change name or email address',
    description:
      'What is left out stays. A new address needs the `password`, and counts once the code that is sent to it was entered.',
    access: 'session',
    body: { schema: contract.profileBody, example: { name: 'Ada Lovelace' } },
    answers: { 200: { message: 'Profile updated successfully', data: contract.user, example: example.user } },
    errors: ['WRONG_PASSWORD', 'EMAIL_TAKEN', 'BUSY'],
  },
  'PUT /api/v1/me/password': {
    tag: 'Account',
    summary: 'Change the password',
    description: 'All other sessions end.',
    access: 'session',
    body: {
      schema: contract.changePasswordBody,
      example: { currentPassword: PASSWORD, newPassword: 'battery staple horse' },
    },
    answers: { 200: { message: 'Password changed; other sessions were ended', data: null } },
    errors: ['WRONG_PASSWORD', 'BUSY'],
  },
  'DELETE /api/v1/me/account': {
    tag: 'Account',
    summary: 'Delete the account',
    description: 'With the organizations that nobody else is in, and their projects; nothing of them fires any more.',
    access: 'session',
    body: { schema: contract.deleteAccountBody, example: { password: PASSWORD } },
    answers: { 200: { message: 'Account deleted, with 1 organization, 0 projects and 0 pending jobs', data: null } },
    errors: ['WRONG_PASSWORD', 'OWNS_INSTANCE', 'BUSY'],
  },
  'GET /api/v1/me/sessions': {
    tag: 'Account',
    summary: 'List your sessions',
    access: 'session',
    answers: {
      200: { message: 'Sessions fetched successfully', data: z.array(contract.session), example: [example.session] },
    },
  },
  'DELETE /api/v1/me/sessions/:id': {
    tag: 'Account',
    summary: 'End a session',
    access: 'session',
    answers: { 200: { message: 'Session ended', data: null } },
  },
  'DELETE /api/v1/me/sessions': {
    tag: 'Account',
    summary: 'End all other sessions',
    access: 'session',
    answers: { 200: { message: '0 other sessions ended', data: null } },
  },
} as const satisfies Operations
