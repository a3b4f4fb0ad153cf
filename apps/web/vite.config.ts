import { defineConfig } from 'vite'

// Two builds: what browsers load, then what the gateway renders with, which names the files of the first.
export default defineConfig(({ mode }) => ({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  publicDir: mode === 'browser' ? 'public' : false,
  logLevel: 'warn',
  ...(mode === 'browser'
    ? {
        build: {
          outDir: 'build/client',
          emptyOutDir: true,
          manifest: true,
          // A font inside the style sheet is a data: address, which the content security policy refuses.
          assetsInlineLimit: 0,
          modulePreload: { polyfill: false },
          rolldownOptions: { input: 'shop/browser/index.ts' },
        },
      }
    : {
        define: { 'process.env.NODE_ENV': '"production"' },
        ssr: { noExternal: true as const },
        build: { ssr: 'shop/server.tsx', outDir: 'build/server', emptyOutDir: true, assetsInlineLimit: 0 },
      }),
}))
