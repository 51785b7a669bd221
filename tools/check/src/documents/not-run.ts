/** A block that no test runs: its document, how its first line begins, and why. */
export interface NotRun {
  readonly document: string;
  readonly begins: string;
  readonly reason: string;
}

const DRAWING = 'a drawing';
const SPRING = 'a file of tools/spring-cloud, which `npm run test:spring-cloud` runs';

/** Few, and each with its reason; a row that no block has any more is refused. */
export const NOT_RUN: readonly NotRun[] = [
  { document: 'README.md', begins: '            REST', reason: DRAWING },
  { document: 'README.md', begins: 'npm start', reason: 'npm-start.e2e.spec.ts runs the one, and the other runs this' },
  { document: 'CONTRIBUTING.md', begins: 'apps ──>', reason: DRAWING },
  { document: 'CONTRIBUTING.md', begins: 'npm run parts', reason: 'would start parts, and the tests that run this' },
  {
    document: 'libs/client/README.md',
    begins: 'npx nx run-many',
    reason: 'contracts-consumer.int.spec.ts packs and installs the same packages',
  },
  {
    document: 'docs/guarantees.md',
    begins: 'npm run test:faults',
    reason: 'takes ten minutes; `npm test` has a short run',
  },
  { document: 'docs/interop.md', begins: 'npm run test:interop', reason: 'needs four languages: a command of its own' },
  {
    document: 'docs/deployment.md',
    begins: 'docker build',
    reason: 'needs a Docker engine; tools/deployment checks the Dockerfile without one',
  },
  {
    document: 'docs/deployment.md',
    begins: 'export JWT_SECRET',
    reason: 'needs a Docker engine; tools/deployment checks the compose file without one',
  },
  ...['kubectl annotate', './kafka-configs.sh'].map((begins) => ({
    document: 'docs/operations.md',
    begins,
    reason: 'needs a cluster; npm run test:helm shows that the chart makes what it names',
  })),
  ...['-- Nothing that was made', './kafka-consumer-groups.sh --bootstrap-server', '-- Who was taken out'].map(
    (begins) => ({
      ...{ document: 'docs/operations.md', begins, reason: '`npm run test:restore` does it' },
    }),
  ),
  {
    document: 'docs/deployment.md',
    begins: 'kubectl create',
    reason: 'needs a cluster; npm run test:helm renders what the commands of Helm ask for',
  },
  {
    document: 'docs/deployment.md',
    begins: 'helm upgrade',
    reason: 'needs a cluster; npm run test:helm renders what the commands of Helm ask for',
  },
  {
    document: 'docs/deployment.md',
    begins: 'rules:',
    reason: 'configuration of prometheus-adapter, which runs in a cluster',
  },
  { document: 'SECURITY.md', begins: '   anybody', reason: DRAWING },
  {
    document: 'docs/security-setup.md',
    begins: 'xargs -L 1',
    reason: 'secured.e2e.spec.ts gives the lines of the file to a real Kafka, without its shell scripts',
  },
  ...['KAFKA_BROKERS', 'REDIS_URL', 'DATABASE_URL'].map((begins) => ({
    document: 'docs/security-setup.md',
    begins,
    reason: 'settings of a cluster; secured.e2e.spec.ts starts the apps with the same ones',
  })),
  { document: 'docs/spring-cloud.md', begins: '# What the config server has', reason: SPRING },
  { document: 'docs/spring-cloud.md', begins: 'spring:', reason: SPRING },
  { document: 'docs/performance.md', begins: 'npm run bench', reason: 'takes an hour, and a quiet machine' },
];
