import optimizeLocales from '@react-aria/optimize-locales-plugin'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { slimContract } from './build/slimContract.ts'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [
    slimContract(),
    react(),
    optimizeLocales.vite({ locales: ['en-US', 'de-DE', 'ar-AE'] }),
  ],
  build: {
    manifest: true,
    target: 'es2024',
    // As data: addresses they would be scripts or styles that the page's policy forbids.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
})
