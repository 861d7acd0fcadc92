/** `.env.example` is this text (`npm run docs` writes it; a test fails while it is stale). */
import { settingsBySection } from './sections.js'
import type { Setting } from './setting.js'

const COLUMNS = 120

const INTRODUCTION = `# Settings of Dispatch. None is needed: each is shown with its default, commented out.
# Copy this file to .env beside it, and remove the # before what you change. Environment variables win over the file.
# Check the result with: npx dispatch config
#
# Written by \`npm run docs\` from dispatch-backend/src/config/table.ts.
`

/** The file's text: used as it is, it changes nothing. */
export function renderEnvExample(): string {
  const sections = settingsBySection().map(({ title, settings }) => [
    `# ---- ${title} ${'-'.repeat(COLUMNS - title.length - 8)}\n`,
    ...settings.map(renderSetting),
  ])
  return [INTRODUCTION, ...sections.flat()].join('\n')
}

function renderSetting({ name, type, default: fallback, description, mask }: Setting<unknown>): string {
  const unset = fallback === null ? ' Unset by default.' : fallback === '' ? ' Empty by default.' : ''
  const facts = `Takes: ${type.expects}.${unset}${mask ? ' Secret: never printed.' : ''}`
  return `${comment(description)}\n${comment(facts)}\n#${name}=${fallback ?? ''}\n`
}

/** Lines that begin with `# `; Markdown's quotes mean nothing here. */
function comment(text: string): string {
  const lines: string[] = ['#']
  for (const word of text.replaceAll('`', '').split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last !== '#' && last.length + 1 + word.length > COLUMNS) lines.push(`# ${word}`)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.join('\n')
}
