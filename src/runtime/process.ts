import { ProcessPlace } from './process/place.ts';
import type { Place, Runtime } from './runtime.ts';

/** Programs as processes of this machine, each with a process group of its own; they listen on free ports of `host`. */
export function processRuntime({ host = '127.0.0.1' }: { host?: string } = {}): Runtime {
  const places = new Set<Place>();
  return {
    kind: 'process',
    back: { listen: host, dial: host },
    place: async (spec) => {
      const place = await ProcessPlace.make(spec, host);
      places.add(place);
      return place;
    },
    close: async () => {
      await Promise.all([...places].map((place) => place.remove()));
      places.clear();
    },
  };
}
