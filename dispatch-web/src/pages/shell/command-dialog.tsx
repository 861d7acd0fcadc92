import { Dialog } from '@base-ui/react/dialog'
import { Search } from 'lucide-react'
import { useId, useRef, useState, type KeyboardEvent } from 'react'
import { dimPage } from '../../components/dim-page'
import { Kbd } from '../../components/kbd'
import { classNames } from '../../lib/class-names'
import { useCommands, type Command, type CommandGroup } from './commands'

/** A field over a list: arrows choose, Enter does, Escape closes and gives the focus back. */
export function CommandDialog({ onClose }: { readonly onClose: () => void }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <Dialog.Root open modal="trap-focus" onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop ref={dimPage} className="fixed inset-0 z-20 bg-scrim" />
        <Dialog.Viewport className="fixed inset-0 z-20 flex items-start justify-center p-3 pt-[10dvh]">
          <Dialog.Popup
            initialFocus={input}
            className="flex max-h-[70dvh] w-full max-w-xl flex-col overflow-hidden rounded-lg border border-line-strong bg-panel shadow-float outline-none"
          >
            <Dialog.Title className="sr-only">Command menu</Dialog.Title>
            <CommandList input={input} onClose={onClose} />
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

interface CommandListProps {
  readonly input: React.RefObject<HTMLInputElement | null>
  readonly onClose: () => void
}

function CommandList({ input, onClose }: CommandListProps) {
  const id = useId()
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState<string>()
  const { groups, isSearching, failure } = useCommands(text)
  const commands = groups.flatMap((group) => group.commands)
  // What was chosen may have gone; then it is the first.
  const active = commands.find((command) => command.id === chosen) ?? commands[0]
  const run = (command: Command): void => {
    onClose()
    void command.run()
  }
  const choose = (command: Command | undefined): void => {
    setChosen(command?.id)
    if (command) document.getElementById(`${id}-${command.id}`)?.scrollIntoView({ block: 'nearest' })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return
    const at = active ? commands.indexOf(active) : 0
    if (event.key === 'ArrowDown') choose(commands[(at + 1) % commands.length])
    else if (event.key === 'ArrowUp') choose(commands.at(at - 1))
    else if (event.key === 'Enter' && active) run(active)
    else return
    event.preventDefault()
  }
  const words = isSearching ? 'Looking for jobs…' : (failure ?? (active === undefined ? 'Nothing is called so.' : ''))
  return (
    <>
      <div className="flex items-center gap-2.5 border-b border-line px-4">
        <Search aria-hidden size={16} className="text-faint" />
        <input
          ref={input}
          role="combobox"
          aria-label="Command, project or job"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={active && `${id}-${active.id}`}
          autoComplete="off"
          spellCheck={false}
          maxLength={191}
          placeholder="Go to a page, project or job…"
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setChosen(undefined)
          }}
          onKeyDown={onKeyDown}
          className="h-12 min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-faint"
        />
        <Kbd>Esc</Kbd>
      </div>
      <div id={`${id}-list`} role="listbox" aria-label="Commands" className="min-h-0 overflow-y-auto p-2">
        {groups.map((group) => (
          <Group key={group.name} id={id} group={group} active={active} onRun={run} />
        ))}
      </div>
      <p role="status" className={classNames('px-4 text-sm text-muted', words !== '' && 'pb-3')}>
        {words}
      </p>
    </>
  )
}

interface GroupProps {
  readonly id: string
  readonly group: CommandGroup
  readonly active: Command | undefined
  readonly onRun: (command: Command) => void
}

function Group({ id, group: { name, commands }, active, onRun }: GroupProps) {
  return (
    <div role="group" aria-label={name} className="pb-1.5">
      <div aria-hidden className="label-caps px-2.5 py-1.5">
        {name}
      </div>
      {commands.map((command) => {
        const { id: commandId, label, detail, icon: Icon } = command
        return (
          <div
            key={commandId}
            id={`${id}-${commandId}`}
            role="option"
            aria-selected={command === active}
            onClick={() => onRun(command)}
            className="flex items-center gap-2.5 rounded-md px-2.5 py-2 text-base hover:bg-raised aria-selected:bg-raised"
          >
            <Icon aria-hidden size={16} strokeWidth={1.75} className="shrink-0 text-faint" />
            <span className="min-w-0 flex-1 truncate">{label}</span>
            {detail !== undefined && <span className="font-mono text-sm text-muted">{detail}</span>}
          </div>
        )
      })}
    </div>
  )
}
