import { foldedText } from './letters.ts'

/** Words that say nothing about what is looked for. */
export const noiseWords: ReadonlySet<string> = new Set(
  foldedText(`a an the this that these those and or of for with without to in on at by from as is are be it its into about per
  i me my mine we us our you your he his she her they them their who what which where when how why
  do does did can could will would should may might have has had
  some any something anything someone everything thing things stuff sort sorts kind kinds type types way ways
  make makes making made need needs want wants get gets getting buy buying find finding give show look looking search
  use used using uses eat eating like please best good better nice great cheap cheaper cheapest top online price prices
  shop store sale near here there all every also just only very really so than then not no
  ka ki ke kay ko se say mein main par aur ya wala wali walay wale liye liay lie kuch koi chahiye chahye chaiye
  hai hain banane banany karne karna dena mujhe apna
  کا کی کو سی میں پر اور یا والا والی والی لیے کچھ کوئی چاہیے ہے ہیں نے بھی تو یہ وہ اس ان کہ تک ہو`).split(/\s+/),
)
