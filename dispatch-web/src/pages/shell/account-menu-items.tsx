import { Link } from '@tanstack/react-router'
import { LogOut, Settings } from 'lucide-react'
import { Menu, MenuItem, MenuSeparator } from '../../components/menu'
import { useSignOut } from '../../features/account/use-sign-out'
import { AccountButton } from './account-button'

/** The account's menu, open at first: it is mounted when somebody asks for it. */
export function AccountMenuItems() {
  const signingOut = useSignOut()
  return (
    <Menu isOpenAtFirst side="top" align="start" trigger={<AccountButton />}>
      <MenuItem icon={<Settings aria-hidden size={15} />} render={<Link to="/settings" />}>
        Settings
      </MenuItem>
      <MenuSeparator />
      <MenuItem icon={<LogOut aria-hidden size={15} />} onClick={() => signingOut.mutate()}>
        Sign out
      </MenuItem>
    </Menu>
  )
}
