import { runApp } from '@chat/service-kit';
import { createApp } from './app.ts';
import { messagePersisterSettings } from './config.ts';

await runApp({ name: 'message-persister', settings: messagePersisterSettings, createApp }, process);
