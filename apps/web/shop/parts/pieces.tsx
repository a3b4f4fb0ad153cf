import type { Language } from '../../ui/format.ts'
import { useFrame } from './frame.tsx'

/** "2 × Tapal Danedar, 450 g": what an order has is named as it was when it was placed, in English. */
export function Pieces({ quantity, name, language = 'en' }: { quantity: number; name: string; language?: Language }) {
  const { count, inLanguage } = useFrame()
  return (
    <>
      {count(quantity)} × <bdi {...inLanguage(language)}>{name}</bdi>
    </>
  )
}
