'use client'

import { ChevronRight } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { isUnder, navigation, settingsPages } from './navigation.ts'

interface LeafContext {
  leaf: string | null
  setLeaf: (leaf: string | null) => void
}
const Leaf = createContext<LeafContext>({ leaf: null, setLeaf: () => undefined })

export function BreadcrumbProvider({ children }: { children: ReactNode }) {
  const [leaf, setLeaf] = useState<string | null>(null)
  const value = useMemo(() => ({ leaf, setLeaf }), [leaf])
  return <Leaf value={value}>{children}</Leaf>
}

/** A page of one thing says the thing's name here once it knows it; it also becomes the window's title. */
export function useBreadcrumbLeaf(name: string | null | undefined) {
  const { setLeaf } = useContext(Leaf)
  useEffect(() => {
    setLeaf(name ?? null)
    if (name) document.title = `${name} · FineTune Lab`
    return () => setLeaf(null)
  }, [name, setLeaf])
}

export function Breadcrumb() {
  const pathname = usePathname()
  const { leaf } = useContext(Leaf)
  const section = navigation.find(({ href }) => isUnder(pathname, href))
  if (!section) return null
  const settingsPage = settingsPages.find(({ href }) => isUnder(pathname, href))
  const last = leaf ?? settingsPage?.label ?? null
  const deeper = pathname !== section.href
  return (
    <nav aria-label="Breadcrumb" className="min-w-0">
      <ol className="flex min-w-0 items-center gap-1.5">
        <li className="shrink-0">
          {deeper ? (
            <Link href={section.href} className="text-muted-foreground hover:text-foreground">
              {section.label}
            </Link>
          ) : (
            <span aria-current="page">{section.label}</span>
          )}
        </li>
        {deeper && last ? (
          <>
            <li aria-hidden className="text-muted-foreground">
              <ChevronRight className="size-3.5" />
            </li>
            <li dir="auto" className="min-w-0 truncate" aria-current="page">
              <bdi>{last}</bdi>
            </li>
          </>
        ) : null}
      </ol>
    </nav>
  )
}
