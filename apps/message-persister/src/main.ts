import { runApp, runCommand } from '@chat/service-kit';
import { createApp } from './app.ts';
import { messagePersisterSettings } from './config.ts';
import { openLogEpoch } from './open-log-epoch.ts';

const name = 'message-persister';
const settings = messagePersisterSettings;
if (process.argv.includes('--open-log-epoch')) await runCommand({ name, settings, run: openLogEpoch }, process);
else await runApp({ name, settings, createApp }, process);
