import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** `npm start` serves what this builds; the page is told there where its stack is. */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: 'out-tsc/.vite-build',
  plugins: [react()],
  resolve: { conditions: ['@chat/source', 'module', 'browser', 'production'] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2024',
    sourcemap: true,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 350,
  },
});
