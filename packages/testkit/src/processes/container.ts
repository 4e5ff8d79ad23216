import { postGuard } from './guard.js';

/** What to run in Docker. */
export interface ContainerOptions {
  readonly image: string;
  readonly port: { readonly container: number; readonly host: number };
  readonly command?: string[];
  readonly environment?: Record<string, string>;
}

/** A container that is removed when we stop it, or die. */
export interface Container {
  /** Stops and removes it. Calling it again is a no-op. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Runs the shell command in it if it is up, stops it, starts it. */
  restart(before?: string): Promise<void>;
}

/** Starts a container through testcontainers, which is loaded only here: it takes most of a second. */
export const startContainer = async (options: ContainerOptions): Promise<Container> => {
  // Its reaper is one more image to pull; our guard does the same work.
  process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true';
  const { GenericContainer, getContainerRuntimeClient } = await import('testcontainers');
  const started = await new GenericContainer(options.image)
    .withExposedPorts(options.port)
    .withEnvironment(options.environment ?? {})
    .withCommand(options.command ?? [])
    .start()
    .catch((cause: Error) => {
      throw new Error(`cannot start ${options.image} in Docker: ${cause.message}`, { cause });
    });
  const letGo = postGuard({ container: started.getId() });
  const engine = (await getContainerRuntimeClient()).container.getById(started.getId());
  let stopped = false;
  return {
    stop: async () => {
      if (stopped) return;
      stopped = true;
      await engine.remove({ force: true, v: true });
      letGo();
    },
    kill: () => engine.kill(),
    restart: async (before) => {
      if (before && (await engine.inspect()).State.Running) await started.exec(['sh', '-c', before]);
      await engine.restart();
    },
  };
};
