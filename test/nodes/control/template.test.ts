import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoltgridError } from '../../../src/core/error.ts';
import { fillTemplate, namesIn } from '../../../src/nodes/control/template.ts';
import { VALUES } from './program.ts';

const failure = (text: string): BoltgridError => {
  try {
    fillTemplate(text, VALUES);
  } catch (error) {
    if (error instanceof BoltgridError) return error;
  }
  throw new Error('it held');
};

describe('templates', () => {
  it.each([
    ['', ''],
    ['plain } text', 'plain } text'],
    ['--alias={node.alias}', '--alias=Alice'],
    ['{listen.rest.host}:{listen.rest.port}', '0.0.0.0:8080'],
    ['{version}{version}', '1.21.2'],
    ['{node.settings.fee}', '7'],
    ['{{"fee":{node.settings.fee}}', '{"fee":7}'],
    ['{{{node.alias}}', '{Alice}'],
    ['{{{{', '{{'],
  ])('%j gives %j', (text, filled) => {
    expect(fillTemplate(text, VALUES)).toBe(filled);
  });

  it('encodes values, never the text around them', () => {
    const filled = fillTemplate(
      '/a b/{params.x}?y={params.y}',
      { params: { x: 'c/d?', y: '&' } },
      encodeURIComponent,
    );
    expect(filled).toBe('/a b/c%2Fd%3F?y=%26');
  });

  it('does not read values as templates', () => {
    expect(fillTemplate('{params.x}', { params: { x: '{node.password} $& $1' } })).toBe(
      '{node.password} $& $1',
    );
  });

  it.each([
    ['{node.alais}', '{node.alias}'],
    ['{nod.alias}', '{node}'],
    ['{listen.rets.port}', '{listen.rest}'],
    ['{node.settings.fees}', '{node.settings.fee}'],
  ])('%s: the nearest is %s', (text, meant) => {
    const error = failure(text);
    expect([error.code, error.blame]).toEqual(['manifest.unknown-value', 'user']);
    expect(error.message).toContain(text);
    expect(error.hint).toContain(`Did you mean ${meant}?`);
  });

  it.each([
    '{node}',
    '{node.settings}',
    '{nothing.at.all}',
    '{node.alias.more}',
    '{constructor}',
    '{node.toString}',
  ])('%s is no text', (text) => {
    expect(failure(text).code).toBe('manifest.unknown-value');
  });

  it.each(['{', '{}', '{ node.alias }', '{"a": 1}', '{node..alias}', '{.a}', '{node.alias'])(
    '%s is no template',
    (text) => {
      expect(failure(text).code).toBe('manifest.bad-template');
      expect(() => namesIn(text)).toThrow(expect.objectContaining({ code: 'manifest.bad-template' }));
    },
  );

  it('any text can be written with doubled braces', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(fillTemplate(text.replaceAll('{', '{{'), {})).toBe(text);
      }),
    );
  });

  it('tells its names', () => {
    expect(namesIn('{{{node.alias}-{listen.zmq-block.port}{version}')).toEqual([
      'node.alias',
      'listen.zmq-block.port',
      'version',
    ]);
  });
});
