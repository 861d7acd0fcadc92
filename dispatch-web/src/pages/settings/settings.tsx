import { useQuery } from '@tanstack/react-query'
import { DataView } from '../../components/data-view'
import { Page } from '../../components/page'
import { meQuery } from '../../features/account/api'
import { AppearancePanel } from './appearance-panel'
import { DeleteAccountPanel } from './delete-account-panel'
import { EmailPanel } from './email-panel'
import { PasswordPanel } from './password-panel'
import { SignOutButton } from './sign-out-button'
import { ProfilePanel } from './profile-panel'
import { SessionsPanel } from './sessions-panel'

export function SettingsPage() {
  const me = useQuery(meQuery)
  return (
    <Page title="Settings" actions={<SignOutButton />}>
      <AppearancePanel />
      <DataView query={me}>
        {(found) => (
          <>
            <ProfilePanel key={found.name} me={found} />
            <EmailPanel key={found.email} me={found} />
            <PasswordPanel email={found.email} />
            <SessionsPanel />
            <DeleteAccountPanel me={found} />
          </>
        )}
      </DataView>
    </Page>
  )
}
