import { gzipSync } from 'node:zlib';
import { build, type BuildOptions } from 'esbuild';
import { describe, expect, it } from 'vitest';

/** What a page loads for the whole SDK with stompjs, minified and compressed. */
const MAX_BYTES = 15 * 1_024;

async function bundle(entry: string, { external = [] }: Pick<BuildOptions, 'external'> = {}) {
  const { outputFiles, metafile } = await build({
    entryPoints: [new URL(entry, import.meta.url).pathname],
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
    inputs: Object.keys(metafile.inputs),
  };
}

describe('the bundle of the SDK', () => {
  it(`has less than ${MAX_BYTES} bytes with stompjs, minified and compressed`, async () => {
    const { gzipByteLength, inputs } = await bundle('./index.ts');
    expect(inputs.some((path) => path.includes('@stomp/stompjs'))).toBe(true);
    expect(gzipByteLength).toBeLessThan(MAX_BYTES);
  });

  it('has nothing in it but the SDK and stompjs, and needs no built-in of Node', async () => {
    const { inputs } = await bundle('./index.ts'); // a built-in would not resolve for a browser
    const foreign = inputs.filter((path) => !path.startsWith('src/') && !path.includes('libs/client/src/'));
    expect(foreign.filter((path) => !path.includes('node_modules/@stomp/stompjs/'))).toEqual([]);
  });

  it('has its React hooks on top, without React', async () => {
    const { inputs } = await bundle('./react/index.ts', { external: ['react'] });
    expect(inputs.filter((path) => path.includes('node_modules/react'))).toEqual([]);
  });
});
