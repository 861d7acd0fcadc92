import { CodeBlock } from '../../components/code-block'
import { CopyButton } from '../../components/copy-button'
import { Panel } from '../../components/panel'
import integrate from '../../../../docs/prompts/integrate.md?raw'
import selfHost from '../../../../docs/prompts/self-host.md?raw'
import type { DocsName } from './document'
import { useFillIn } from './fill-in'
import { SETUP_ANCHOR } from './prompts'

interface Prompt {
  readonly title: string
  readonly description: string
  readonly text: string
}

const PROMPTS: Readonly<Partial<Record<DocsName, Prompt>>> = {
  using: {
    title: 'Let a coding agent integrate it',
    description:
      'Paste this prompt into an agent that works in your repository. It finds where scheduling fits and adds a client module, a webhook handler that checks signatures, the settings, and tests.',
    text: integrate,
  },
  'self-hosting': {
    title: 'Let an assistant walk you through it',
    description:
      'Paste this prompt into any assistant. It asks what your server has, goes with you one stage at a time, and works from what your commands really print.',
    text: selfHost,
  },
}

/** The AI set-up prompt of a document, ready to be copied with the reader's values. */
export function PromptPanel({ name }: { readonly name: DocsName }) {
  const fillIn = useFillIn()
  const prompt = PROMPTS[name]
  if (!prompt) return null
  const text = fillIn(prompt.text)
  return (
    <div id={SETUP_ANCHOR} className="scroll-mt-18 md:scroll-mt-6 print:hidden">
      <Panel title={prompt.title} description={prompt.description}>
        <div className="flex flex-col items-start gap-3 px-4 py-3">
          <CopyButton text={text} what="prompt" look="primary" />
          <details className="w-full">
            <summary className="w-fit cursor-pointer rounded-sm text-sm text-muted hover:text-ink">
              Read it first
            </summary>
            <CodeBlock text={text} what="prompt" className="mt-3" />
          </details>
        </div>
      </Panel>
    </div>
  )
}
