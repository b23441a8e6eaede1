import { Dialog } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { useI18n } from '../i18n/I18n.tsx'
import { Actions } from './Actions.tsx'
import { Button } from './Button.tsx'
import styles from './Confirm.module.css'

export interface Confirmed {
  /** Of the button that opens it, and of the one that does it. */
  readonly label: string
  readonly title: string
  readonly words: string
  onConfirm(): void
}

/** What will be done, and the way back, which has the focus. */
export function ConfirmDialog({
  label,
  title,
  words,
  onConfirm,
  onClose,
}: Confirmed & { onClose(): void }) {
  const { t } = useI18n()
  return (
    <ModalOverlay
      className={styles.overlay ?? ''}
      isOpen
      isDismissable
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
    >
      <Modal className={styles.modal ?? ''}>
        <Dialog role="alertdialog" className={styles.dialog ?? ''}>
          <Heading slot="title">{title}</Heading>
          <p>{words}</p>
          <Actions>
            <Button
              kind="danger"
              onPress={() => {
                onClose()
                onConfirm()
              }}
            >
              {label}
            </Button>
            <Button onPress={onClose} autoFocus>
              {t('confirm.back')}
            </Button>
          </Actions>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
