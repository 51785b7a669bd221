import { runApp, runCommand } from '@chat/service-kit';
import { configServer } from '@chat/spring-cloud';
import { createApp } from './app.ts';
import { messagePersisterSettings } from './config.ts';
import { createPersisterMetrics } from './metrics.ts';
import { openLogEpoch } from './open-log-epoch.ts';

const app = { name: 'message-persister', settings: messagePersisterSettings, served: configServer };
if (process.argv.includes('--open-log-epoch')) await runCommand({ ...app, run: openLogEpoch }, process);
else await runApp({ ...app, createMetrics: createPersisterMetrics, createApp }, process);
