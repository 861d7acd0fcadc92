import { Link } from '@tanstack/react-router'
import { LINK_CLASS } from '../../components/text-link'
import type { Inline, Target } from './document'
import { useFillIn } from './fill-in'

export function Inlines({ content }: { readonly content: readonly Inline[] }) {
  // A document never changes while it is shown.
  return content.map((inline, index) => <OneInline key={index} inline={inline} />)
}

function OneInline({ inline }: { readonly inline: Inline }) {
  const fillIn = useFillIn()
  if (typeof inline === 'string') return inline
  switch (inline.kind) {
    case 'code':
      return (
        <code className="rounded-sm border border-line bg-raised px-1 py-px font-mono text-[0.9em] wrap-break-word">
          {fillIn(inline.text)}
        </code>
      )
    case 'strong':
      return (
        <strong className="font-semibold text-ink">
          <Inlines content={inline.content} />
        </strong>
      )
    case 'emphasis':
      return (
        <em>
          <Inlines content={inline.content} />
        </em>
      )
    case 'link':
      return (
        <TargetLink to={inline.to}>
          <Inlines content={inline.content} />
        </TargetLink>
      )
  }
}

function TargetLink({ to, children }: { readonly to: Target; readonly children: React.ReactNode }) {
  if ('href' in to) {
    return (
      <a href={to.href} target="_blank" rel="noreferrer" className={LINK_CLASS}>
        {children}
      </a>
    )
  }
  return (
    <Link
      to="/docs/$name"
      params={{ name: to.name }}
      {...(to.hash && { hash: to.hash })}
      activeOptions={{ exact: true, includeHash: true }}
      className={LINK_CLASS}
    >
      {children}
    </Link>
  )
}
