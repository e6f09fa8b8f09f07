import type Dockerode from 'dockerode';
import { messageOf } from '../../core/error.ts';

/** One message of a pull, build or import. */
export interface EngineEvent {
  /** Text of a build. */
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
}

/**
 * Reads an answer that goes on while the engine works, to its end. Resolves with the error that it tells of, if any: the engine
 * answers with success before it begins.
 */
export function follow(
  docker: Dockerode,
  answer: NodeJS.ReadableStream,
  onEvent: (event: EngineEvent) => void,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    let failure: string | undefined;
    answer.once('aborted', () => {
      failure ??= 'the engine closed the connection';
    });
    // Decodes the messages of BuildKit as well; absent from the library's types.
    const { followProgress } = docker as unknown as {
      followProgress: (
        stream: NodeJS.ReadableStream,
        finished: (error: unknown) => void,
        event: (event: EngineEvent) => void,
      ) => void;
    };
    followProgress(
      answer,
      (error) => {
        if (error !== null && error !== undefined) failure ??= messageOf(error);
        resolve(failure);
      },
      (event) => {
        if (event.error !== undefined) failure = event.error;
        else onEvent(event);
      },
    );
  });
}
