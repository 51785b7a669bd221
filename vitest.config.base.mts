import { defineConfig, type ViteUserConfig } from 'vitest/config';

const SOURCE_CONDITIONS = ['@chat/source', 'module', 'node'];

/**
 * Test set-up of one project. `CHAT_TEST_SCOPE=integration` selects the specs that need real services
 * (`*.int.spec.ts`); without it only the pure ones run.
 */
export function projectTests(root: string, test: NonNullable<ViteUserConfig['test']> = {}): ViteUserConfig {
  const integration = process.env['CHAT_TEST_SCOPE'] === 'integration';
  return defineConfig({
    root,
    cacheDir: `${root}/out-tsc/.vite`,
    resolve: { conditions: SOURCE_CONDITIONS },
    ssr: { resolve: { conditions: SOURCE_CONDITIONS } },
    test: {
      environment: 'node',
      include: [integration ? 'src/**/*.int.spec.ts' : 'src/**/*.spec.ts'],
      exclude: integration ? [] : ['src/**/*.int.spec.ts'],
      passWithNoTests: true,
      testTimeout: integration ? 30_000 : 5_000,
      hookTimeout: 60_000,
      ...test,
    },
  });
}
