/** `docs/configuration.md` is this text (`npm run docs` writes it; a test fails while it is stale). */
import { settingsBySection } from './sections.js'
import type { Setting } from './setting.js'

const INTRODUCTION = `# Configuration

<!-- Written by \`npm run docs\` from dispatch-backend/src/config/table.ts. -->

Dispatch runs without any setting. What you set is read from, the strongest first:

1. the environment of the process,
2. \`dispatch-backend/.env\`,
3. \`.env\` in the root of the repository.

Both files, and \`data/\`, are found from the repository, whatever directory you start in. In a \`.env\` file each line is
\`NAME=value\`, blank, or a comment that begins with \`#\`; outer quotes are dropped; a \`#\` behind a value belongs to the value.
A setting that is empty counts as unset (but for \`STATIC_DIR\`). Mistakes are reported all at once, and the process ends with exit code 78.
`

/** The page, as Markdown. */
export function renderSettingsPage(): string {
  const sections = settingsBySection().map(({ title, settings }) => [`## ${title}\n`, ...settings.map(renderSetting)])
  return [INTRODUCTION, ...sections.flat()].join('\n')
}

function renderSetting({ name, type, default: fallback, description, mask }: Setting<unknown>): string {
  const lines = [
    `- Takes: ${type.expects}.`,
    `- Default: ${fallback === null ? 'unset' : fallback === '' ? 'empty' : `\`${fallback}\``}.`,
    ...(mask ? ['- It is a secret: it is never printed.'] : []),
  ]
  return `### \`${name}\`\n\n${description}\n\n${lines.join('\n')}\n`
}
