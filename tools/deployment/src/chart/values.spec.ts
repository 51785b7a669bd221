import { TOPICS } from '@chat/kafka-contracts';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { APPS, readRepositoryFile, settingsOfApps, type SettingsOfApps } from '../repository.ts';
import { readComposeFile } from '../compose/compose-file.ts';
import { forgotten, LEFT_TO_OPERATORS } from '../left-to-operators.ts';
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

  it.each(APPS)('give every setting of %s, or it is left to who runs it, for a reason', (app) => {
    const { secrets, settings: own } = values.apps[app];
    const given = [...secrets.required, ...secrets.optional, ...Object.keys(own), ...Object.keys(values.settings)];
    const ofChart = [...settings[app].keys()].filter((name) => ![...given, ...templateVariables()].includes(name));
    const { environment = {} } = readComposeFile().services[app] ?? {};
    const ofCompose = [...settings[app].keys()].filter((name) => !(name in environment));
    expect(ofCompose.length).toBeGreaterThan(20);
    expect([forgotten(ofChart), forgotten(ofCompose)]).toEqual([[], []]);
    expect(forgotten(['SOMETHING_NEW'])).toEqual(['SOMETHING_NEW']);
  });

  it('leave nothing to who runs it that no app has', () => {
    const names = APPS.flatMap((app) => [...settings[app].keys()]);
    expect(LEFT_TO_OPERATORS.filter((row) => !names.some((name) => row.names.test(name)))).toEqual([]);
  });

  it.each(APPS)('take every secret of %s from the Secret', (app) => {
    const { secrets } = values.apps[app];
    const ofApp = [...settings[app].values()].flatMap(({ env, isSecret }) => (isSecret ? env : []));
    expect(ofApp.length).toBeGreaterThan(3);
    expect([...secrets.required, ...secrets.optional].sort()).toEqual(ofApp.sort());
  });

  it('have half of the sessions that the memory of a gateway bears, by the capacity table', () => {
    const { autoscaling, resources } = values.wsGateway;
    const [, perGb = ''] =
      /\| sessions in a GB of a gateway.*; ([\d,]+) with what V8 keeps/.exec(
        readRepositoryFile('docs/operations.md'),
      ) ?? [];
    expect(resources.requests.memory).toBe('1Gi');
    expect(autoscaling.sessionsPerPod).toBe(Number(perGb.replace(',', '')) / 2);
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
