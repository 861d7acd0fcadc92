import { useState, type KeyboardEvent } from 'react'
import { lazyPage } from '../../lib/page-code'
import { AccountButton } from './account-button'

const AccountMenuItems = lazyPage(() => import('./account-menu-items'), 'AccountMenuItems')

/** A menu's code is no part of the first load: a button stands for it until it is there and was asked for. */
export function AccountMenu() {
  const [isWanted, setWanted] = useState(false)
  if (isWanted) return <AccountMenuItems />
  const load = async (): Promise<void> => AccountMenuItems.preload?.()
  const open = (): void => void load().then(() => setWanted(true))
  const openByArrow = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
    event.preventDefault()
    open()
  }
  return (
    <AccountButton
      aria-expanded={false}
      onPointerEnter={() => void load()}
      onFocus={() => void load()}
      onClick={open}
      onKeyDown={openByArrow}
    />
  )
}
