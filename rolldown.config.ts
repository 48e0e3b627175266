import { defineConfig } from 'rolldown';

// The engine is some 600 small modules, and opening them one by one takes five times as long as what is in them. What a
// command needs only now and then (the shell, the HTTP face) stays apart and is loaded when it is asked for.
export default defineConfig({
  input: 'engine/index.ts',
  platform: 'node',
  // Loaded lazily, whole, and as they are.
  external: ['@peculiar/x509', 'just-bash', 'selfsigned', 'ws'],
  output: { dir: 'build/engine', format: 'esm', chunkFileNames: 'chunks/[name].js' },
});
