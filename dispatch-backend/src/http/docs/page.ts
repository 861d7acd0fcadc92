/**
 * The API as one page, made from the OpenAPI document on the server: no script at all, so nothing to load, to allow or to
 * keep up to date, and it prints and searches like any page.
 */
import type { JsonSchema } from '../openapi/json-schema.js'
import type { MediaTypeObject, OpenApiDocument, OperationObject, ResponseObject } from '../openapi/types.js'
import { curlExample } from './curl.js'
import { renderFields, typeWords } from './fields.js'
import { html, inline, prose, type Html } from './html.js'

interface Entry {
  readonly method: string
  readonly path: string
  readonly operation: OperationObject
}

/** The whole HTML document. It lies beside `openapi.json`, its style in a folder of its name. */
export function renderPage(document: OpenApiDocument): string {
  const entries = entriesOf(document)
  const groups = document.tags.map((tag) => ({
    ...tag,
    entries: entries.filter(({ operation }) => operation.tags.includes(tag.name)),
  }))
  const { title, description } = document.info
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="dark light" />
        <title>${title} API</title>
        <link rel="stylesheet" href="docs/style.css" />
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header>
          <h1>${title} <span>API</span></h1>
        </header>
        <div class="columns">
          <nav aria-label="Operations">
            <details class="menu">
              <summary>All operations</summary>
              ${groups.map(renderMenu)}
            </details>
            <div class="menu">${groups.map(renderMenu)}</div>
          </nav>
          <main id="content">
            <section aria-label="Introduction">
              ${prose(description)}
              <p>
                This page for programs: <a href="openapi.json">openapi.json</a> (OpenAPI ${document.openapi}). The
                examples expect <code>DISPATCH_URL</code> to hold the address of this server, and
                <code>DISPATCH_API_KEY</code> or <code>DISPATCH_TOKEN</code> your credentials.
              </p>
            </section>
            ${groups.map((group) => renderGroup(group, document))}
          </main>
        </div>
      </body>
    </html> `.html
}

type Group = OpenApiDocument['tags'][number] & { readonly entries: readonly Entry[] }

function entriesOf({ paths }: OpenApiDocument): Entry[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )
}

function anchorOf(group: Group): string {
  return group.name.toLowerCase().replaceAll(' ', '-')
}

function renderMenu(group: Group): Html {
  return html`<p><a href="#${anchorOf(group)}">${group.name}</a></p>
    <ul>
      ${group.entries.map(
        ({ method, operation }) =>
          html`<li><a href="#${operation.operationId}">${badge(method)} ${operation.summary}</a></li> `,
      )}
    </ul> `
}

function badge(method: string): Html {
  return html`<span class="method ${method.toLowerCase()}">${method}</span>`
}

function renderGroup(group: Group, document: OpenApiDocument): Html {
  return html`<section aria-labelledby="${anchorOf(group)}">
    <h2 id="${anchorOf(group)}">${group.name}</h2>
    <p>${group.description}</p>
    ${group.entries.map((entry) => renderEntry(entry, document))}
  </section> `
}

function renderEntry(entry: Entry, { components: { schemas } }: OpenApiDocument): Html {
  const { method, path, operation } = entry
  const body = operation.requestBody?.content['application/json']
  return html`<article aria-labelledby="${operation.operationId}">
    <h3 id="${operation.operationId}"><a href="#${operation.operationId}">${operation.summary}</a></h3>
    <p class="route">${badge(method)} <code>${path}</code></p>
    <p class="access">${accessWords(operation)}</p>
    ${prose(operation.description ?? '')} ${renderParameters(operation, schemas)}
    ${
      body &&
      html`<h4>Body</h4>
        ${renderFields(body.schema, schemas)}`
    }
    <h4>Example</h4>
    <pre tabindex="0"><code>${curlExample(method, path, operation)}</code></pre>
    <h4>Answers</h4>
    ${Object.entries(operation.responses).map(([status, response]) => renderResponse(status, response, schemas))}
  </article> `
}

const ACCESS_WORDS: Readonly<Record<string, string>> = {
  apiKey: 'an API key (`x-api-key`)',
  session: 'a session (`Authorization: Bearer …`)',
}

function accessWords({ security }: OperationObject): Html[] {
  const ways = security.flatMap((one) => Object.keys(one)).map((name) => ACCESS_WORDS[name] ?? name)
  return inline(ways.length === 0 ? 'Open to everybody.' : `Needs ${ways.join(' or ')}.`)
}

function renderParameters({ parameters = [] }: OperationObject, schemas: Readonly<Record<string, JsonSchema>>) {
  if (parameters.length === 0) return undefined
  return html`<h4>Parameters</h4>
    <dl class="fields">
      ${parameters.map(
        ({ name, in: place, required, description = '', schema }) =>
          html`<dt>
              <code>${name}</code>
              <span class="type"
                >in the ${place}, ${typeWords(schema, schemas)}${required === true ? '' : ', optional'}</span
              >
            </dt>
            <dd>
              ${inline(description)}${schema['default'] === undefined ? '' : html` Default: <code>${JSON.stringify(schema['default'])}</code>.`}
            </dd> `,
      )}
    </dl>`
}

function renderResponse(status: string, response: ResponseObject, schemas: Readonly<Record<string, JsonSchema>>): Html {
  const [type = '', media] = Object.entries(response.content)[0] ?? []
  const kind = Number(status) < 400 ? 'good' : 'bad'
  return html`<details class="answer">
    <summary><span class="status ${kind}">${status}</span> ${summaryWords(response, media)}</summary>
    ${renderHeaders(response)} ${media && renderMedia(type, media, schemas)}
  </details> `
}

function summaryWords({ description }: ResponseObject, media: MediaTypeObject | undefined): string {
  return media?.examples ? Object.keys(media.examples).join(', ') : description
}

/** Headers of which the introduction tells. */
const EVERYWHERE = /^(x-request-id|ratelimit-\w+)$/

function renderHeaders({ headers }: ResponseObject): Html | undefined {
  const own = Object.entries(headers).filter(([name]) => !EVERYWHERE.test(name))
  if (own.length === 0) return undefined
  return html`<p>Headers: ${own.map(([name], index) => html`${index === 0 ? '' : ', '}<code>${name}</code>`)}</p>`
}

function renderMedia(type: string, media: MediaTypeObject, schemas: Readonly<Record<string, JsonSchema>>): Html {
  if (media.examples) return renderErrors(media.examples)
  const { data } = (media.schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>
  return html`${media.example === undefined ? html`<p><code>${type}</code></p>` : jsonBlock(media.example)}${
    data && renderFields(data, schemas)
  }`
}

function renderErrors(examples: NonNullable<MediaTypeObject['examples']>): Html {
  return html`<dl class="fields">
    ${Object.entries(examples).map(([code, { value }]) => {
      const { message } = value as { readonly message: string }
      return html`<dt><code>${code}</code></dt>
        <dd>${message}</dd> `
    })}
  </dl>`
}

function jsonBlock(value: unknown): Html {
  return html`<pre tabindex="0"><code>${JSON.stringify(value, null, 2)}</code></pre> `
}
