import type { RunningNode } from '../nodes/node.ts';
import { operationOf, type OperationNeed } from '../nodes/operations.ts';
import { FEATURES, type FeatureName } from '../wire/features.ts';
import type { TestCase } from '../suite/types.ts';
import type { Judgement } from './judge.ts';
import type { WorldNode } from './world.ts';

/** What the pings of one case may take together, where a node bounds how many it answers. */
const PINGS_MS = 120_000;

/**
 * Decides before a case runs whether it can be judged here: from what it declares and what the nodes said in their own init.
 * `undefined`: it can.
 */
export function unmetNeeds(test: TestCase, nodes: readonly WorldNode[]): Judgement | undefined {
  return unoffered(test, nodes) ?? undrivable(test, nodes);
}

function unoffered(test: TestCase, nodes: readonly WorldNode[]): Judgement | undefined {
  for (const feature of test.needs.features ?? []) {
    const name = typeof feature === 'number' ? 'the feature' : feature;
    const bits = bitsOf(feature);
    const without = nodes.filter(({ features }) => !bits.some((bit) => features.has(bit)));
    if (without.length === 0) continue;
    const ids = without.map(({ running }) => running.id).join(' and ');
    if (test.kind === 'pair') {
      const offers = nodes.map(
        ({ running, features }) => `${running.id} offers ${[...features].sort((a, b) => a - b).join(', ')}`,
      );
      return {
        verdict: 'not-negotiated',
        message: `${name} (${bits.join('/')}) is not offered by ${ids}; ${offers.join('; ')}`,
      };
    }
    return {
      verdict: 'unsupported',
      message: `${ids} does not offer ${name} (bits ${bits.join('/')}) in its init`,
    };
  }
  return undefined;
}

function undrivable(test: TestCase, nodes: readonly WorldNode[]): Judgement | undefined {
  for (const [index, { running, pingMs = 0 }] of nodes.entries()) {
    const { profile, pings = 0 } = test.needs;
    if (profile !== undefined && running.identity.profile !== profile) {
      return {
        verdict: 'undrivable',
        message: `needs the profile ${profile}; ${running.id} has ${running.identity.profile}`,
      };
    }
    if (pings * pingMs > PINGS_MS) {
      const seconds = Math.ceil((pings * pingMs) / 1000);
      return {
        verdict: 'undrivable',
        message: `${running.id} answers a ping of a connection every ${pingMs} ms: the ${pings} of this case would take ${seconds} s`,
      };
    }
    const { ops = [], opsOf = {} } = test.needs;
    for (const need of [...ops, ...(opsOf[index === 0 ? 'a' : 'b'] ?? [])]) {
      const lack = lackOf(running, need);
      if (lack !== undefined) return { verdict: 'undrivable', message: `${running.id} lacks ${lack}` };
    }
  }
  return undefined;
}

function lackOf({ operations, missing, lacks }: RunningNode, need: OperationNeed): string | undefined {
  const operation = operationOf(need);
  if (!operations.has(operation)) {
    return `the operation ${operation}: ${missing.get(operation) ?? 'its manifest does not say why'}`;
  }
  const reason = lacks.get(need);
  return reason === undefined ? undefined : `${need}: ${reason}`;
}

/** Either bit of the pair says that the feature is offered. */
function bitsOf(feature: FeatureName | number): readonly [number, number] {
  const even = typeof feature === 'number' ? feature - (feature % 2) : FEATURES[feature].even;
  return [even, even + 1];
}
