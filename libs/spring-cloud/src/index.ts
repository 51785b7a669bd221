export { configServer } from './config/config-server.ts';
