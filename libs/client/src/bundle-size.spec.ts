import { gzipSync } from 'node:zlib';
import { build, type BuildOptions } from 'esbuild';
import { describe, expect, it } from 'vitest';

/** What a page loads, minified and compressed: of a chat without `openTimeline`, and of all that the package exports. */
const [MAX_CHAT_BYTES, MAX_BYTES] = [15_000, 15 * 1_024];
const EVERYTHING = `export * from './index.ts'`;

async function bundle(code: string, { external = [] }: Pick<BuildOptions, 'external'> = {}) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@chat/source'],
    external,
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error('esbuild wrote nothing');
  return {
    code: output.text,
    gzipByteLength: gzipSync(output.contents, { level: 9 }).length,
    inputs: Object.keys(metafile.inputs).filter((path) => path !== '<stdin>'),
  };
}

describe('the bundle of the SDK', () => {
  it(`has less than ${MAX_CHAT_BYTES} bytes with stompjs, minified and compressed`, async () => {
    const { gzipByteLength, inputs } = await bundle(`export { createChatClient, ChatClientError } from './index.ts'`);
    expect(inputs.some((path) => path.includes('@stomp/stompjs'))).toBe(true);
    expect(gzipByteLength).toBeLessThan(MAX_CHAT_BYTES);
  });

  it(`has less than ${MAX_BYTES} bytes with timelines and all else`, async () => {
    const { gzipByteLength, inputs } = await bundle(EVERYTHING);
    expect(inputs.some((path) => path.includes('@stomp/stompjs'))).toBe(true);
    expect(gzipByteLength).toBeLessThan(MAX_BYTES);
  });

  it('has nothing in it but the SDK and stompjs, and needs no built-in of Node', async () => {
    const { inputs } = await bundle(EVERYTHING); // a built-in would not resolve for a browser
    const foreign = inputs.filter((path) => !path.startsWith('src/') && !path.includes('libs/client/src/'));
    expect(foreign.filter((path) => !path.includes('node_modules/@stomp/stompjs/'))).toEqual([]);
  });

  it('has its React hooks on top, without React', async () => {
    const { inputs } = await bundle(`export * from './react/index.ts'`, { external: ['react'] });
    expect(inputs.filter((path) => path.includes('node_modules/react'))).toEqual([]);
  });
});
