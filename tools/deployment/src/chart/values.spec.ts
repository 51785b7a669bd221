import { TOPICS } from '@chat/kafka-contracts';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { APPS, readRepositoryFile, settingsOfApps, type SettingsOfApps } from '../repository.ts';
import { readValues, templateVariables } from './values.ts';

const values = readValues();

describe('the values of the chart', () => {
  let settings: SettingsOfApps;
  beforeAll(async () => {
    settings = await settingsOfApps();
  });

  it('are of their own schema', () => {
    const schema = JSON.parse(readRepositoryFile('deploy/helm/chat-service/values.schema.json')) as object;
    const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);
    validate(parse(readRepositoryFile('deploy/helm/chat-service/values.yaml')));
    expect(validate.errors).toBeNull();
  });

  it.each(APPS)('name for %s only settings and secrets that it has', (app) => {
    const { secrets, settings: own } = values.apps[app];
    const named = [...secrets.required, ...secrets.optional, ...Object.keys(own), ...Object.keys(values.settings)];
    expect(named.filter((name) => !settings[app].has(name))).toEqual([]);
  });

  it.each(APPS)('have the ports of %s', (app) => {
    const standards = ['PORT', 'INTERNAL_PORT'].map((name) => settings[app].get(name)?.standard);
    const { ports } = values.apps[app];
    expect([ports.public, ports.internal]).toEqual(standards.map((standard) => standard && Number(standard)));
  });

  it('have the partitions that chat-messages has unless told otherwise', () => {
    expect(values.kafka.chatMessagesPartitions).toBe(TOPICS['chat-messages'].partitions);
  });

  it('go with templates that name only variables of some app', () => {
    const known = new Set(APPS.flatMap((app) => [...settings[app].keys()]));
    const named = templateVariables();
    expect(named).toEqual(expect.arrayContaining(['INTERNAL_PORT', 'KAFKA_BROKERS', 'INSTANCE_ID']));
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});
