import { Link as LinkIcon } from 'lucide-react'
import { toast } from '../../components/toasts'
import { Blocks } from './blocks'
import { plainText, type Section } from './document'
import { Inlines } from './inlines'

/** Below the bar that is fixed at the top of a phone. */
const HEADING_CLASS = 'scroll-mt-18 font-semibold tracking-tight md:scroll-mt-6'

export function SectionView({ section }: { readonly section: Section }) {
  const { id, depth, title, blocks } = section
  return (
    <section aria-labelledby={id} className={`flex flex-col gap-4 ${depth === 2 ? 'mt-10' : 'mt-5'}`}>
      <div className="group flex items-center gap-1.5">
        {depth === 2 ? (
          <h2 id={id} className={`${HEADING_CLASS} text-lg`}>
            <Inlines content={title} />
          </h2>
        ) : (
          <h3 id={id} className={`${HEADING_CLASS} text-base`}>
            <Inlines content={title} />
          </h3>
        )}
        <a
          href={`#${id}`}
          aria-label={`Copy the link to “${plainText(title)}”`}
          onClick={() => void copyLink(id)}
          className="rounded-sm p-1 text-faint opacity-0 group-hover:opacity-100 hover:text-ink focus-visible:opacity-100 print:hidden pointer-coarse:opacity-100"
        >
          <LinkIcon aria-hidden size={14} />
        </a>
      </div>
      <Blocks blocks={blocks} />
    </section>
  )
}

/** The link itself goes there, so that the address bar has it too. */
async function copyLink(id: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(new URL(`#${id}`, location.href).href)
    toast('Link copied')
  } catch {
    // Browsers allow it on https and localhost only, and may ask.
    toast('Copy the link from the address bar')
  }
}
