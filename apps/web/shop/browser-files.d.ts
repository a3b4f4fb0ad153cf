/** What the first build made for browsers; build.ts puts it in. */
declare const BROWSER_FILES: { readonly script: string; readonly styles: readonly string[] }
