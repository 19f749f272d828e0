import { type ClassValue, clsx } from 'clsx'
import { extendTailwindMerge } from 'tailwind-merge'

const merge = extendTailwindMerge({
  extend: {
    classGroups: {
      shadow: ['shadow-raised'],
      'font-size': ['text-xs', 'text-sm', 'text-base', 'text-lg', 'text-xl'],
    },
  },
})

/** Joins class names; of two that set the same property, the later one stays. */
export function cn(...classes: ClassValue[]): string {
  return merge(clsx(classes))
}
