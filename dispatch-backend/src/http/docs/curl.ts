import type { OperationObject } from '../openapi/types.js'
import { JOB_ID, PROJECT_ID } from '../openapi/examples.js'

/** The call as a command that runs once `DISPATCH_URL` and the credentials are set. */
export function curlExample(method: string, path: string, operation: OperationObject): string {
  const body = operation.requestBody?.content['application/json']?.example
  const lines = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}"$DISPATCH_URL${fillIn(path)}"`,
    ...credentials(operation),
    ...(body === undefined
      ? []
      : ["-H 'content-type: application/json'", `-d '${quoted(JSON.stringify(body, null, 2))}'`]),
  ]
  return lines.join(' \\\n  ')
}

function credentials({ security }: OperationObject): string[] {
  const [first] = security.flatMap((one) => Object.keys(one))
  if (first === 'apiKey') return ['-H "x-api-key: $DISPATCH_API_KEY"']
  return first === 'session' ? ['-H "authorization: Bearer $DISPATCH_TOKEN"'] : []
}

function fillIn(path: string): string {
  const example = path.includes('/jobs/') ? JOB_ID : PROJECT_ID
  return path.replace('{id}', example).replace(/\{(\w+)\}/g, (_all, name: string) => `$${name.toUpperCase()}`)
}

/** Within single quotes of a shell. */
function quoted(text: string): string {
  return text.replaceAll("'", `'\\''`)
}
