export interface PictureWidths {
  readonly src: string
  readonly srcset: string
  readonly largest: string
}

/**
 * What the address of a picture says of its widths, in pixels: `/images/tea.webp?wide=400&also=280,720` is 400 wide, and the same lies
 * beside it as `/images/tea-280.webp` and `/images/tea-720.webp`. Null for an address that says nothing of them.
 */
export function widthsOf(url: string): PictureWidths | null {
  const [, name, ending, wide, also] =
    /^([^?#]+)(\.\w{1,5})\?wide=(\d{1,4})&also=(\d{1,4}(?:,\d{1,4}){0,7})$/.exec(url) ?? []
  if (name === undefined || ending === undefined || also === undefined) return null
  const src = `${name}${ending}`
  const all = [
    { width: Number(wide), at: src },
    ...also.split(',').map((width) => ({ width: Number(width), at: `${name}-${width}${ending}` })),
  ].sort((one, other) => one.width - other.width)
  return { src, srcset: all.map(({ width, at }) => `${at} ${width}w`).join(', '), largest: all.at(-1)!.at }
}

/** The address for whoever takes one picture: the largest. */
export const largestOf = (url: string): string => widthsOf(url)?.largest ?? url
