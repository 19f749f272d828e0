'use client'

import { useMutation } from '@tanstack/react-query'
import { CircleUser, Keyboard, KeyRound, LogOut, UserCog } from 'lucide-react'
import Link from 'next/link'
import { Button } from '#components/ui/button.tsx'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '#components/ui/dropdown-menu.tsx'
import { signOut } from '#lib/client/account.ts'
import { browserApi } from '#lib/client/browser-api.ts'
import { useShortcutSheet } from './FrameShortcuts.tsx'
import { ThemeChoice } from './ThemeChoice.tsx'
import { useSession } from './use-session.tsx'

export function AccountMenu() {
  const { data } = useSession()
  const sheet = useShortcutSheet()
  const leave = useMutation({
    mutationFn: () => signOut(browserApi),
    onSuccess: () => window.location.assign('/login'),
  })
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label="Account">
          <CircleUser aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end" className="w-60">
        {data?.user ? (
          <div className="px-2 py-1.5">
            <p className="truncate font-medium">{data.user.name}</p>
            <p className="truncate text-muted-foreground text-xs">{data.user.email}</p>
          </div>
        ) : null}
        <DropdownMenuSeparator />
        <ThemeChoice />
        <DropdownMenuSeparator />
        <DropdownMenuItem asChild>
          <Link href="/settings/account">
            <UserCog aria-hidden />
            Account
          </Link>
        </DropdownMenuItem>
        <DropdownMenuItem asChild>
          <Link href="/settings/tokens">
            <KeyRound aria-hidden />
            API tokens
          </Link>
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={() => sheet.show()}>
          <Keyboard aria-hidden />
          Keyboard shortcuts
        </DropdownMenuItem>
        <DropdownMenuSeparator />
        <DropdownMenuItem onSelect={() => leave.mutate()}>
          <LogOut aria-hidden />
          Sign out
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  )
}
