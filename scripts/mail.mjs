// `npm run mail`: compiles the mail templates (MJML) into a module, so that a server needs no MJML.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import mjml2html from 'mjml'

const FOLDER = fileURLToPath(new URL('../dispatch-backend/src/mail/templates/', import.meta.url))
/** Included by the others. */
const PARTS = ['head.mjml']

export const COMPILED_FILE = join(FOLDER, 'compiled.ts')

/**
 * The module's text.
 *
 * @returns {Promise<string>}
 */
export async function compileTemplates() {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.mjml') && !PARTS.includes(file))
  const lines = []
  for (const file of files.sort()) {
    const name = file.replace(/\.mjml$/, '')
    lines.push(`  ${name}:\n    ${quote(await compile(file))},`)
  }
  return [
    '// Written by `npm run mail` from the MJML files beside it; `{{name}}` stands for a value.',
    '/* prettier-ignore */',
    'export const TEMPLATES = {',
    ...lines,
    '} as const',
    '',
  ].join('\n')
}

async function compile(file) {
  const path = join(FOLDER, file)
  const { html, errors } = await mjml2html(readFileSync(path, 'utf8'), {
    filePath: path,
    validationLevel: 'strict',
    keepComments: false,
    ignoreIncludes: false,
  })
  if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join('\n'))
  return html
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n')
}

function quote(text) {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')
  return `'${escaped}'`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(COMPILED_FILE, await compileTemplates())
