import * as contract from 'dispatch-contract'
import * as z from 'zod'
import * as example from './examples.js'
import type { Operations } from './operation.js'

export const PROJECT_OPERATIONS = {
  'GET /api/v1/projects': {
    tag: 'Projects',
    summary: 'List your projects',
    access: 'session',
    answers: {
      200: { message: 'Projects fetched successfully', data: z.array(contract.project), example: [example.project] },
    },
  },
  'POST /api/v1/projects': {
    tag: 'Projects',
    summary: 'Create a project',
    access: 'session',
    body: { schema: contract.createProjectBody, example: { name: 'production' } },
    answers: { 201: { message: 'Project created successfully', data: contract.project, example: example.project } },
    errors: ['FORBIDDEN', 'NOT_FOUND'],
  },
  'GET /api/v1/projects/:id': {
    tag: 'Projects',
    summary: 'Read a project',
    access: 'session',
    answers: { 200: { message: 'Project fetched successfully', data: contract.project, example: example.project } },
  },
  'PUT /api/v1/projects/:id': {
    tag: 'Projects',
    summary: 'Rename a project',
    access: 'session',
    body: { schema: contract.renameProjectBody, example: { name: 'production' } },
    answers: { 200: { message: 'Project updated successfully', data: contract.project, example: example.project } },
    errors: ['FORBIDDEN'],
  },
  'DELETE /api/v1/projects/:id': {
    tag: 'Projects',
    summary: 'Delete a project',
    description: 'With its jobs, keys and secrets. From the answer on nothing of it fires any more.',
    access: 'session',
    answers: { 200: { message: 'Project deleted successfully', data: null } },
    errors: ['FORBIDDEN'],
  },
  'GET /api/v1/projects/:id/api-keys': {
    tag: 'API keys',
    summary: 'List the keys of a project',
    access: 'session',
    answers: {
      200: { message: 'API keys fetched successfully', data: z.array(contract.apiKey), example: [example.apiKey] },
    },
  },
  'POST /api/v1/projects/:id/api-keys': {
    tag: 'API keys',
    summary: 'Create a key',
    description: 'This answer is the only one that ever holds the key.',
    access: 'session',
    body: { schema: contract.createApiKeyBody, example: { label: 'production server' } },
    answers: { 201: { message: 'API key created successfully', data: contract.newApiKey, example: example.newApiKey } },
    errors: ['FORBIDDEN'],
  },
  'DELETE /api/v1/projects/:id/api-keys/:keyId': {
    tag: 'API keys',
    summary: 'Revoke a key',
    description: 'It stops working at once.',
    access: 'session',
    answers: { 200: { message: 'API key revoked successfully', data: null } },
    errors: ['FORBIDDEN'],
  },
  'GET /api/v1/projects/:id/signing-secret': {
    tag: 'Signing secrets',
    summary: 'Read the signing secret',
    description: 'Not for members: whoever knows it can sign in the name of the project.',
    access: 'session',
    answers: {
      200: {
        message: 'Signing secret fetched successfully',
        data: contract.signingSecret,
        example: example.signingSecret,
      },
    },
    errors: ['FORBIDDEN'],
  },
  'POST /api/v1/projects/:id/signing-secret/rotate': {
    tag: 'Signing secrets',
    summary: 'Rotate the signing secret',
    description: 'Old and new secrets both sign until the overlap is over, so that receivers can change in peace.',
    access: 'session',
    body: { schema: contract.rotateSecretBody, example: { overlapSeconds: 86_400 }, optional: true },
    answers: {
      200: {
        message: 'Signing secret rotated successfully',
        data: contract.signingSecret,
        example: example.signingSecret,
      },
    },
    errors: ['FORBIDDEN'],
  },
} as const satisfies Operations
