import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { keptText } from '../i18n/language.ts'

export const SHORTCUTS_KEY = 'portcullis.shortcuts'

const PLACES = { h: '/', p: '/packages', r: '/requests', a: '/approvals' } as const
/** Milliseconds in which the second key of two counts. */
const SECOND_KEY = 1500

/** `g` and then h, p, r or a: to a page; `/`: to the search. Not while somebody writes; they can be switched off. */
export const useShortcuts = (): void => {
  const navigate = useNavigate()
  useEffect(() => {
    let began = Number.NEGATIVE_INFINITY
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || writes(event.target)) return
      if (keptText(SHORTCUTS_KEY) === 'off') return
      const to = PLACES[event.key as keyof typeof PLACES]
      if (event.timeStamp - began < SECOND_KEY && to !== undefined) void navigate({ to })
      began = event.key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY
      if (event.key !== '/') return
      const search = document.querySelector<HTMLInputElement>('[data-search]')
      if (search === null) return
      event.preventDefault()
      search.focus()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [navigate])
}

const writes = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, textarea, select, [role="menu"]') !== null
