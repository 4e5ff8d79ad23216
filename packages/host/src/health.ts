import { Controller, Get, HttpStatus, Inject, Injectable, Res } from '@nestjs/common';

/** One thing a process depends on: what it is, and why it is not there. */
interface Dependency {
  readonly up: boolean;
  readonly detail?: string;
}

/** What the process depends on, and how that is. Ready is who has all of it. */
@Injectable()
export class Health {
  private readonly dependencies = new Map<string, Dependency>();
  private readonly notes = new Map<string, string>();

  up(name: string): void {
    this.dependencies.set(name, { up: true });
  }

  down(name: string, detail: string): void {
    this.dependencies.set(name, { up: false, detail });
  }

  /**
   * Shows something beside the dependencies that does not decide whether the process is ready: one of many targets, whose
   * trouble is its own. `undefined` takes it off again.
   */
  note(name: string, state: string | undefined): void {
    if (state === undefined) this.notes.delete(name);
    else this.notes.set(name, state);
  }

  isUp(name: string): boolean {
    return this.dependencies.get(name)?.up ?? false;
  }

  get ready(): boolean {
    return [...this.dependencies.values()].every(({ up }) => up);
  }

  /** Each dependency with `up` or why not, and the notes. */
  report(): Record<string, string> {
    const states = [...this.dependencies].map(([name, { up, detail }]) => [
      name,
      up ? 'up' : `down: ${detail ?? 'unknown'}`,
    ]);
    return Object.fromEntries([...states, ...this.notes]);
  }
}

/** The part of a Fastify reply that is used here. */
interface Reply {
  status(code: number): unknown;
}

/** `/health/live`: the process runs. `/health/ready`: it can do its work; 503 says what is missing. */
@Controller('health')
export class HealthController {
  constructor(@Inject(Health) private readonly health: Health) {}

  @Get('live')
  live(): { status: string } {
    return { status: 'live' };
  }

  @Get('ready')
  ready(@Res({ passthrough: true }) reply: Reply): { status: string; dependencies: Record<string, string> } {
    const { ready } = this.health;
    if (!ready) reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: ready ? 'ready' : 'not ready', dependencies: this.health.report() };
  }
}
