/** The call that makes a job, as code in each language. The JSON goes along as text, so that no number loses a digit. */

/** One for each of the languages of `lib/code-language.ts`. */
export type Snippets = Readonly<Record<'curl' | 'node' | 'python' | 'go', string>>

export interface SnippetJob {
  /** Of `jobBodyText`. */
  readonly bodyText: string
  /** The same again makes no second job; visible ASCII. */
  readonly idempotencyKey: string
}

/** `baseUrl`: of the API, without a trailing slash. The API key is read from `DISPATCH_API_KEY`. */
export function snippets({ bodyText, idempotencyKey }: SnippetJob, baseUrl: string): Snippets {
  const parts = { url: `${baseUrl}/api/v1/jobs`, key: idempotencyKey, body: bodyText }
  return { curl: curl(parts), node: node(parts), python: python(parts), go: go(parts) }
}

interface Parts {
  readonly url: string
  readonly key: string
  readonly body: string
}

function curl({ url, key, body }: Parts): string {
  return [
    `curl --globoff --fail-with-body ${shellText(url)}`,
    '-H "x-api-key: $DISPATCH_API_KEY"',
    `-H 'Content-Type: application/json'`,
    `-H ${shellText(`Idempotency-Key: ${key}`)}`,
    // Not --data, which reads a file where the text begins with @.
    `--data-raw ${shellText(body)}`,
  ].join(' \\\n  ')
}

function node({ url, key, body }: Parts): string {
  return `// Node 18 and newer, as job.mjs
const answer = await fetch(${scriptText(url)}, {
  method: 'POST',
  headers: {
    'x-api-key': process.env.DISPATCH_API_KEY,
    'Content-Type': 'application/json',
    'Idempotency-Key': ${scriptText(key)},
  },
  body: ${scriptText(body)},
})
const { message, data } = await answer.json()
if (!answer.ok) throw new Error(message)
console.log(data.id)
`
}

function python({ url, key, body }: Parts): string {
  return `import json, os, urllib.error, urllib.request

request = urllib.request.Request(
    ${pythonText(url)},
    method="POST",
    headers={
        "x-api-key": os.environ["DISPATCH_API_KEY"],
        "Content-Type": "application/json",
        "Idempotency-Key": ${pythonText(key)},
    },
    data=${pythonText(body)}.encode(),
)
try:
    with urllib.request.urlopen(request) as answer:
        print(json.load(answer)["data"]["id"])
except urllib.error.HTTPError as error:
    raise SystemExit(json.load(error)["message"])
`
}

function go({ url, key, body }: Parts): string {
  return `package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

func main() {
	body := strings.NewReader(${goText(body)})
	request, err := http.NewRequest("POST", ${goText(url)}, body)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("x-api-key", os.Getenv("DISPATCH_API_KEY"))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", ${goText(key)})
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		log.Fatal(answer.Status, " ", string(text), err)
	}
	fmt.Println(string(text))
}
`
}

/** Inside of single quotes a POSIX shell takes everything as it is, but for the quote itself. */
function shellText(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** Single quotes where nothing needs an escape in them. */
function scriptText(text: string): string {
  return /['\\\p{Cc}\u2028\u2029\ufeff]/u.test(text) ? escaped(text) : `'${text}'`
}

const pythonText = scriptText

/** Raw where Go's raw strings can hold it: they have no escapes, and drop carriage returns. */
function goText(text: string): string {
  return /[`\ufeff]|(?!\n)\p{Cc}/u.test(text) ? escaped(text) : `\`${text}\``
}

/** In double quotes; only what all three languages escape alike is escaped, the rest stays as it is. */
function escaped(text: string): string {
  const inner = text.replace(/["\\\p{Cc}\u2028\u2029\ufeff]/gu, (character) =>
    character === '"' || character === '\\'
      ? `\\${character}`
      : character === '\n'
        ? '\\n'
        : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `"${inner}"`
}
