import * as contract from 'dispatch-contract'
import * as z from 'zod'
import * as example from './examples.js'
import type { Operations } from './operation.js'

const PASSWORD = 'correct horse battery'

export const ACCOUNT_OPERATIONS = {
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
    answers: { 201: { message: 'Account created successfully', data: contract.signedIn, example: example.signedIn } },
    errors: ['SETUP_TOKEN_REQUIRED', 'EMAIL_TAKEN'],
  },
  'POST /api/v1/auth/login': {
    tag: 'Account',
    summary: 'Sign in',
    description: 'The answer is the same whether the address is unknown or the password wrong.',
    access: 'anyone',
    body: { schema: contract.loginBody, example: { email: example.user.email, password: PASSWORD } },
    answers: { 200: { message: 'Signed in successfully', data: contract.signedIn, example: example.signedIn } },
    errors: ['BAD_CREDENTIALS', 'ACCOUNT_DISABLED'],
  },
  'POST /api/v1/auth/logout': {
    tag: 'Account',
    summary: 'Sign out',
    description: 'The session ends at once, on every replica.',
    access: 'session',
    answers: { 200: { message: 'Signed out successfully', data: null } },
  },
  'GET /api/v1/me': {
    tag: 'Account',
    summary: 'Who am I?',
    access: 'session',
    answers: { 200: { message: 'Account fetched successfully', data: contract.me, example: example.me } },
  },
} as const satisfies Operations
