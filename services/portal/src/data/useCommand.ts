import { Refused } from '@portcullis/client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { noteAtLeast } from './freshness.ts'

interface CommandAnswer {
  readonly position: string
}

/**
 * Sends a command. Its id stays until it is answered, so that a second click after a broken connection does the thing
 * once; then everything that it may have changed is read again, at least as new as the answer.
 * @param onDone what follows, whether the form is still on the page or not
 */
export const useCommand = <Input, Answer extends CommandAnswer>(
  send: (input: Input, options: { readonly commandId: string }) => Promise<Answer>,
  onDone?: (answer: Answer) => void,
  onRefused?: (refusal: Refused) => void,
) => {
  const client = useQueryClient()
  const commandId = useRef<string>(undefined)
  return useMutation({
    mutationFn: (input: Input) => {
      commandId.current ??= crypto.randomUUID()
      return send(input, { commandId: commandId.current })
    },
    onSuccess: (answer) => {
      commandId.current = undefined
      noteAtLeast(answer.position)
      // First: reading again may well take the form off the page.
      onDone?.(answer)
      void readAgain(client)
    },
    onError: (error) => {
      // A refusal is an answer: another try is another command. And it may be that the page was out of date.
      if (!(error instanceof Refused)) return
      commandId.current = undefined
      onRefused?.(error)
      void readAgain(client)
    },
  })
}

const CHANGED: ReadonlySet<unknown> = new Set(['request', 'assignment', 'package'])

const readAgain = (client: ReturnType<typeof useQueryClient>): Promise<void> =>
  client.invalidateQueries({ predicate: ({ queryKey }) => CHANGED.has(queryKey[0]) })
