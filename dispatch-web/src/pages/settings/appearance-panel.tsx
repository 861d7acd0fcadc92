import { Field } from '../../components/field'
import { Panel } from '../../components/panel'
import { Select } from '../../components/select'
import { useObservable } from '../../lib/observable'
import { chooseTheme, theme } from '../../lib/theme'
import { chooseZone, zone } from '../../lib/zone'

const THEMES = [
  { value: 'system', label: 'Same as the system' },
  { value: 'dark', label: 'Dark' },
  { value: 'light', label: 'Light' },
] as const

const ZONES = [
  { value: 'utc', label: 'UTC' },
  { value: 'local', label: `This machine's (${Intl.DateTimeFormat().resolvedOptions().timeZone})` },
] as const

/** Kept in this browser. */
export function AppearancePanel() {
  return (
    <Panel title="Appearance" description="In this browser." isPadded>
      <div className="grid max-w-xl gap-4 sm:grid-cols-2">
        <Field label="Theme">
          <Select options={THEMES} value={useObservable(theme)} onChange={chooseTheme} />
        </Field>
        <Field label="Times in" hint="The other zone shows when you point at a time.">
          <Select options={ZONES} value={useObservable(zone)} onChange={chooseZone} />
        </Field>
      </div>
    </Panel>
  )
}
