import { lazy, Suspense, useState } from 'react'
import { Button } from './Button.tsx'
import type { Confirmed } from './ConfirmDialog.tsx'

/** Dialogs are large, and most pages are left without one. */
const ConfirmDialog = lazy(async () => ({
  default: (await import('./ConfirmDialog.tsx')).ConfirmDialog,
}))

/** A button for what can't be undone: says what it does before it does it. Escape closes, and the focus comes back. */
export function Confirm({ pending, ...rest }: Confirmed & { readonly pending: boolean }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button kind="danger" isPending={pending} onPress={() => setOpen(true)}>
        {rest.label}
      </Button>
      {open && (
        <Suspense>
          <ConfirmDialog {...rest} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}
