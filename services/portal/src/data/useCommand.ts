import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { noteAtLeast } from './freshness.ts'

interface CommandAnswer {
  readonly position: string
}

/**
 * Sends a command. Its id stays until it is answered, so that a second click after a broken connection does the thing
 * once; then everything that it may have changed is read again, at least as new as the answer.
 */
export const useCommand = <Input, Answer extends CommandAnswer>(
  send: (input: Input, options: { readonly commandId: string }) => Promise<Answer>,
) => {
  const client = useQueryClient()
  const commandId = useRef<string>(undefined)
  return useMutation({
    mutationFn: (input: Input) => {
      commandId.current ??= crypto.randomUUID()
      return send(input, { commandId: commandId.current })
    },
    onSuccess: async (answer) => {
      commandId.current = undefined
      noteAtLeast(answer.position)
      await readAgain(client)
    },
    onError: async (error) => {
      // A refusal is an answer: another try is another command. And it may be that the page was out of date.
      if (error.name !== 'Refused') return
      commandId.current = undefined
      await readAgain(client)
    },
  })
}

const CHANGED: ReadonlySet<unknown> = new Set(['request', 'assignment', 'package'])

const readAgain = (client: ReturnType<typeof useQueryClient>): Promise<void> =>
  client.invalidateQueries({ predicate: ({ queryKey }) => CHANGED.has(queryKey[0]) })
