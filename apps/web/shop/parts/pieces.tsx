import type { Named } from '../pages.ts'
import { useFrame } from './frame.tsx'

/** "2 × Tapal Danedar, 450 g" */
export function Pieces({ quantity, name, name_language }: { readonly quantity: number } & Named) {
  const { count, inLanguage } = useFrame()
  return (
    <>
      {count(quantity)} × <bdi {...inLanguage(name_language)}>{name}</bdi>
    </>
  )
}
