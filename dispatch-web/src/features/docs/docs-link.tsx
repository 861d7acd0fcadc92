import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { LINK_CLASS } from '../../components/text-link'

export interface DocsLinkProps {
  /** An anchor of docs/using.md. */
  readonly section?: string
  readonly className?: string
  readonly children: ReactNode
}

/** To the guide for those who schedule and receive webhooks. */
export function DocsLink({ section, className = LINK_CLASS, children }: DocsLinkProps) {
  return (
    <Link
      to="/docs/$name"
      params={{ name: 'using' }}
      {...(section !== undefined && { hash: section })}
      className={className}
    >
      {children}
    </Link>
  )
}
