import { z } from 'zod';
import { BoltgridError } from '../core/error.ts';
import type { ProgramLog } from '../runtime/log.ts';
import type { ProgramSpec } from '../runtime/program.ts';
import type { Endpoint, Place } from '../runtime/runtime.ts';
import { DriverConnection } from './driver-connection.ts';
import { START, startResult, type StartParams } from './driver-protocol.ts';
import type { Launch } from './life.ts';

export interface DriverParts {
  readonly place: Place;
  /** What a driver that is a process binds to. */
  readonly host: string;
  readonly spec: ProgramSpec;
  readonly log: ProgramLog;
  readonly start: Omit<StartParams, 'listen'>;
}

/** A node behind a driver: operations go over its input and output. */
export const launchDriver =
  ({ place, host, spec, log, start }: DriverParts): Launch =>
  async (previous, onChange, limits) => {
    const program = await place.start(spec, log);
    try {
      const connection = new DriverConnection(program, onChange);
      // A process takes any free port the first time and then keeps it; in a container the number is its own.
      const listen = place.listen.p2p ?? { host, port: previous?.reached.port ?? 0 };
      const answer = startResult.safeParse(await connection.call(START, { ...start, listen }, limits));
      if (!answer.success) {
        throw new BoltgridError('driver.bad-reply', 'harness', `${START}: ${z.prettifyError(answer.error)}`);
      }
      const { publicKey, reported } = answer.data;
      const own: Endpoint = { host: answer.data.host, port: answer.data.port };
      return {
        program,
        publicKey,
        reported,
        reached: place.reached.p2p ?? own,
        announced: place.announced.p2p ?? own,
        ask: (operation, wire, call) => connection.call(operation, wire, call),
      };
    } catch (error) {
      await program.kill();
      throw error;
    }
  };
