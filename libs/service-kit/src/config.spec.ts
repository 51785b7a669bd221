import { describe, expect, it } from 'vitest';
import {
  choice,
  ConfigError,
  describeSettings,
  flag,
  integer,
  list,
  optionalList,
  optionalText,
  port,
  readConfig,
  renamed,
  secret,
  setting,
  text,
  type ServedTexts,
} from './config.ts';

const settings = {
  port: setting('PORT', port(8080), 'public port'),
  url: secret('DATABASE_URL', text(), 'where the database is'),
  level: setting('LEVEL', choice(['low', 'high'], 'low'), 'how much'),
  isOn: setting('ON', flag(true), 'whether it is on'),
  brokers: setting('BROKERS', list(), 'where to begin'),
  size: setting('SIZE', integer({ min: 1, max: 10 }), 'how many'),
  note: setting('NOTE', optionalText(), 'anything'),
  others: setting('OTHERS', optionalList(), 'where else'),
};
const complete = { DATABASE_URL: 'postgres://x', BROKERS: ' a:1, b:2,', SIZE: '7' };

const problemsOf = (environment: Record<string, string>) => {
  try {
    readConfig(settings, environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('a configuration', () => {
  it('comes from the environment, else from its defaults', () => {
    expect(readConfig(settings, complete)).toEqual({
      port: 8080,
      url: 'postgres://x',
      level: 'low',
      isOn: true,
      brokers: ['a:1', 'b:2'],
      size: 7,
      note: undefined,
      others: [],
    });
    expect(readConfig(settings, { ...complete, ON: 'false', NOTE: '', OTHERS: ' c,d ,' })).toMatchObject({
      isOn: false,
      note: undefined,
      others: ['c', 'd'],
    });
  });

  it('names all problems at once', () => {
    expect(problemsOf({ PORT: 'x', LEVEL: 'middle', SIZE: '11', BROKERS: ',' })).toHaveLength(5);
    expect(problemsOf({})).toEqual(['DATABASE_URL is required', 'BROKERS is required', 'SIZE is required']);
  });

  it('shows what was given, but never a secret', () => {
    const secrets = {
      key: secret(
        'KEY',
        text().refine(() => false, { error: 'is too short' }),
        'key',
      ),
    };
    expect(() => readConfig(secrets, { KEY: 'hunter2' })).toThrow(/^(?!.*hunter2).*KEY is too short/s);
    expect(problemsOf({ ...complete, PORT: '70000' })[0]).toContain('(it is "70000")');
  });

  it('comes from what was served where the environment says nothing, and tells from where a bad text is', () => {
    const served = new Map([
      ['PORT', { text: '9', from: 'application.yml' }],
      ['SIZE', { text: '11', from: 'rooms-api.yml' }],
      ['LEVEL', { text: 'high', from: 'application.yml' }],
      ['DATABASE_URL', { text: '', from: 'application.yml' }],
    ]);
    expect(readConfig(settings, { ...complete, PORT: '' }, served)).toMatchObject({ port: 9, level: 'high', size: 7 });
    expect(() => readConfig(settings, { BROKERS: 'a:1', LEVEL: 'middle' }, served)).toThrow(
      /DATABASE_URL is required \(from application.yml\)\n {2}LEVEL .*\(it is "middle"\)\n {2}SIZE .*\(it is "11", from rooms-api.yml\)$/,
    );
  });

  it('does not pass over what a setting was called before, unless it is given by its new name too', () => {
    const both = { origins: renamed('OLD_ORIGINS', setting('ORIGINS', optionalList(), 'from where')) };
    const read = (environment: Record<string, string>, served?: ServedTexts) =>
      readConfig(both, environment, served).origins;
    for (const now of [{}, { ORIGINS: '' }])
      expect(() => read({ OLD_ORIGINS: 'a', ...now })).toThrow(
        'OLD_ORIGINS means nothing any more; set ORIGINS in its place: from where',
      );
    expect(read({ OLD_ORIGINS: 'a', ORIGINS: 'b' })).toEqual(['b']);
    expect(read({ OLD_ORIGINS: 'a' }, new Map([['ORIGINS', { text: 'c', from: 'x' }]]))).toEqual(['c']);
    expect(read({ OLD_ORIGINS: '' })).toEqual([]);
  });

  it('describes itself for the README', () => {
    const rows = describeSettings(settings);
    expect(rows[0]).toEqual({ env: 'PORT', standard: '8080', about: 'public port', isSecret: false });
    expect(rows.flatMap(({ env, isSecret }) => (isSecret ? env : []))).toEqual(['DATABASE_URL']);
    expect(rows.map(({ standard }) => standard)).toEqual([
      '8080',
      'required',
      'low',
      'true',
      'required',
      'required',
      'none',
      'none',
    ]);
  });
});
