import eslint from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const contracts = 'type:contracts';
const protocol = 'type:protocol';
const infra = 'type:infra';
const kit = 'type:service-kit';
const client = 'type:client';
const testing = 'type:testing';
const tool = 'type:tool';

/** npm packages that exactly one library may import; everybody else goes through that library. */
const WRAPPED = ['kafkajs', 'ioredis', 'jsonwebtoken', '@prisma/*', 'prisma', 'pg'];
const TEST_ONLY = ['vitest', 'fast-check'];
/** What specs of the SDK bundle it with, and render its hooks with. */
const CLIENT_TEST_ONLY = ['esbuild', 'react-dom', 'react-dom/*', 'happy-dom'];

const only = (...allowed) => ({
  bannedExternalImports: [...WRAPPED, ...TEST_ONLY].filter((name) => !allowed.includes(name)),
});

/** Who may import whom. Nx reads the tags in each package.json. */
const LAYERS = [
  { sourceTag: 'type:app', onlyDependOnLibsWithTags: [contracts, protocol, infra, kit], ...only() },
  { sourceTag: contracts, onlyDependOnLibsWithTags: [contracts], allowedExternalImports: ['zod'] },
  { sourceTag: protocol, onlyDependOnLibsWithTags: [], allowedExternalImports: [] },
  { sourceTag: infra, onlyDependOnLibsWithTags: [contracts, kit] },
  { sourceTag: kit, onlyDependOnLibsWithTags: [contracts], ...only() },
  { sourceTag: client, onlyDependOnLibsWithTags: [contracts], allowedExternalImports: ['@stomp/stompjs', 'react'] },
  { sourceTag: testing, onlyDependOnLibsWithTags: [contracts, protocol] },
  { sourceTag: tool, onlyDependOnLibsWithTags: [contracts, protocol, infra, kit, client, testing, tool] },
  {
    sourceTag: 'type:web',
    onlyDependOnLibsWithTags: [client, contracts],
    allowedExternalImports: ['react', 'react-dom', 'react-dom/client'],
  },
  { sourceTag: 'type:e2e', onlyDependOnLibsWithTags: [contracts, protocol, client, testing, tool] },
];

/** Where the publisher itself is put under faults, beside the stock client, and libraries before parts that do not let them in. */
const withInfra = LAYERS.map((layer) =>
  layer.sourceTag === 'type:e2e'
    ? { ...layer, onlyDependOnLibsWithTags: [...layer.onlyDependOnLibsWithTags, infra, kit] }
    : layer,
);

/** Libraries of the infrastructure layer each own one client library. */
const OWNED = {
  kafka: ['kafkajs'],
  redis: ['ioredis'],
  database: ['@prisma/*', 'prisma', 'pg'],
  auth: ['jsonwebtoken', 'proxy-addr'],
  'spring-cloud': [],
};

const boundaries = (depConstraints) => ({
  '@nx/enforce-module-boundaries': ['error', { allow: [], enforceBuildableLibDependency: false, depConstraints }],
});

/** Specs may also use the test libraries; what they may not do is reach around a layer. */
const forSpecs = LAYERS.map((layer) => {
  const { bannedExternalImports, allowedExternalImports, onlyDependOnLibsWithTags, ...rest } = layer;
  return {
    ...rest,
    onlyDependOnLibsWithTags: [...onlyDependOnLibsWithTags, testing],
    ...(bannedExternalImports && {
      bannedExternalImports: bannedExternalImports.filter((name) => !TEST_ONLY.includes(name)),
    }),
    ...(allowedExternalImports && {
      allowedExternalImports: [
        ...allowedExternalImports,
        ...TEST_ONLY,
        ...(layer.sourceTag === client ? CLIENT_TEST_ONLY : []),
        'node:*',
      ],
    }),
  };
});

/** Knowledge inside the gateway runs one way: transport → stomp → broker, inbound. Decisions know no I/O at all. */
const notFrom = (group, message) => ({ 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] });
const ONE_WAY = [
  {
    files: ['apps/**/*.{ts,tsx}', 'libs/**/*.ts'],
    rules: notFrom(['@chat/*/*'], 'A library is what its index exports; the rest is for the benches.'),
  },
  {
    files: [
      'apps/ws-gateway/src/{broker,commands,feed,inbound,membership,notifications,outbound,presence,reading,receipts,replay,typing}/**/*.ts',
    ],
    rules: notFrom(['../transport/*', '../stomp/*'], 'Knowledge runs transport → stomp → broker, never back.'),
  },
  {
    files: ['apps/ws-gateway/src/stomp/**/*.ts'],
    rules: notFrom(['../transport/*'], 'Knowledge runs transport → stomp → broker, never back.'),
  },
  {
    files: ['**/session.ts', '**/transition.ts', '**/persist-batch.ts'],
    rules: notFrom(
      ['node:*', 'ws', '@chat/kafka', '@chat/redis', '@chat/database', '../transport/*'],
      'A decision gets plain data and does no I/O.',
    ),
  },
];

export default tseslint.config(
  { ignores: ['**/dist', '**/out-tsc', '**/.nx', '**/.local', '**/generated', '**/*.mjs', 'tools/check/fixtures'] },
  eslint.configs.recommended,
  ...tseslint.configs.recommended,
  prettier,
  {
    files: ['**/*.ts', '**/*.tsx', '**/*.mts'],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...boundaries(LAYERS),
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'The environment is read in config.ts alone; pass the value in.',
        },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  ...Object.entries(OWNED).map(([name, owned]) => ({
    files: [`libs/${name}/**/*.ts`],
    rules: boundaries(LAYERS.map((layer) => (layer.sourceTag === infra ? { ...layer, ...only(...owned) } : layer))),
  })),
  {
    files: ['libs/client/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { paths: [{ name: '@chat/dto', allowTypeImports: true, message: 'Types only: zod stays out of the bundle.' }] },
      ],
      'no-restricted-globals': ['error', 'process', 'Buffer', 'global', 'require', 'setImmediate'],
    },
  },
  { files: ['**/*.spec.ts', '**/*-under-test.ts'], rules: boundaries(forSpecs) },
  { files: ['apps/chat-e2e/src/{faults/publisher,secured}/**/*.ts'], rules: boundaries(withInfra) },
  ...ONE_WAY,
  {
    files: ['apps/playground/src/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error' },
  },
  {
    files: [
      '**/vitest.config.mts',
      'vitest.config.base.mts',
      'tools/**/*.ts',
      'apps/chat-e2e/**/*.ts',
      'apps/chat-interop/**/*.ts',
      'libs/testing/**/*.ts',
      '**/main.ts',
      '**/*.int.spec.ts',
    ],
    rules: { 'no-restricted-properties': 'off', 'no-restricted-exports': 'off' },
  },
  {
    files: ['**/*.mts'],
    languageOptions: { parserOptions: { projectService: false } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/no-misused-promises': 'off',
      'no-restricted-exports': 'off',
      '@nx/enforce-module-boundaries': 'off',
    },
  },
  {
    files: ['tools/**/*.ts', 'apps/chat-e2e/**/*.ts', 'apps/chat-interop/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
);
