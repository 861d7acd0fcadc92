import { LogOut } from 'lucide-react'
import { Button } from '../../components/button'
import { useSignOut } from '../../features/account/use-sign-out'

export function SignOutButton() {
  const signingOut = useSignOut()
  return (
    <Button icon={<LogOut aria-hidden size={15} />} isBusy={signingOut.isPending} onClick={() => signingOut.mutate()}>
      Sign out
    </Button>
  )
}
