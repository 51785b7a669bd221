import { runApp } from '@chat/service-kit';
import { createApp } from './app.ts';
import { settings } from './config.ts';

await runApp({ name: 'rooms-api', settings, createApp }, process);
