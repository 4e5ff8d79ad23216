import type {
  AtVersion,
  PatternVerdict,
  RouteChange,
  RouteDiff,
  RouteHistory,
  RouteList,
  RouteView,
  ShadowReport,
} from '@millrace/admin-api';
import { Pace, problem, RequestRefused } from '@millrace/host';
import { writeJson } from '@millrace/json';
import { type Explanation, explainInParts, PatternError, parsePattern } from '@millrace/patterns';
import { parseRoute } from '@millrace/routes';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query, UseGuards } from '@nestjs/common';
import { Needs, RoleGuard, Who } from '../access/role.guard.js';
import { pageOfHistory, readLimit, readVersionsBelow, readWhole } from '../query.js';
import { readBody } from '../read-body.js';
import { ManagedRoutes, routeOf } from './managed-routes.js';
import { RollbackBody, RoutesBody, ShadowBody, TestBody } from './requests.js';
import { Shadows } from './shadows.js';

const LAST = 500;

/** The routes of the admin API: look, change, draft, try out, go back. */
@Controller('api/routes')
@UseGuards(RoleGuard)
export class RoutesController {
  constructor(
    @Inject(ManagedRoutes) private readonly routes: ManagedRoutes,
    @Inject(Shadows) private readonly shadows: Shadows,
  ) {}

  @Get()
  all(): Promise<RouteList> {
    return this.routes.all();
  }

  @Post()
  @HttpCode(200)
  async putAll(@Body() body: unknown, @Who() who: string): Promise<AtVersion> {
    const { routes, version } = readBody(RoutesBody, body, 'body');
    const written = routes.map((one, i) => routeOf(String(one['name'] ?? ''), one, `/routes/${i}`));
    return { version: await this.routes.put(written, who, version) };
  }

  @Needs('read')
  @Post('test')
  @HttpCode(200)
  async test(@Body() body: unknown): Promise<PatternVerdict> {
    const { pattern, event } = readBody(TestBody, body, 'body');
    const why = await explained(textOf(pattern), event);
    return { result: why.matched, why };
  }

  @Get('history')
  async history(@Query() query: Record<string, string>): Promise<RouteHistory> {
    const limit = readLimit(query['limit'], 50);
    return pageOfHistory(await this.routes.history(limit, readVersionsBelow(query)), limit);
  }

  @Get('diff')
  diff(@Query() { from, to }: Record<string, string>): Promise<RouteDiff> {
    const start = readWhole('from', from);
    if (start === undefined)
      throw new RequestRefused(problem('bad-request', 400, 'from is missing; it takes a version', 'from'));
    return this.routes.diff(start, readWhole('to', to));
  }

  @Post('rollback')
  @HttpCode(200)
  async rollback(@Body() body: unknown, @Who() who: string): Promise<AtVersion> {
    const { to } = readBody(RollbackBody, body, 'body');
    return { version: await this.routes.rollback(to, who) };
  }

  @Get(':name')
  one(@Param('name') name: string): Promise<RouteView> {
    return this.routes.one(name);
  }

  @Put(':name')
  async put(
    @Param('name') name: string,
    @Query('version') version: string | undefined,
    @Body() body: unknown,
    @Who() who: string,
  ): Promise<AtVersion> {
    const expected = readWhole('version', version);
    return { version: await this.routes.put([routeOf(name, body)], who, expected) };
  }

  @Delete(':name')
  async delete(
    @Param('name') name: string,
    @Query('version') version: string | undefined,
    @Who() who: string,
  ): Promise<AtVersion> {
    return { version: await this.routes.delete(name, who, readWhole('version', version)) };
  }

  @Put(':name/draft')
  async draft(@Param('name') name: string, @Body() body: unknown, @Who() who: string): Promise<RouteChange> {
    await this.routes.draft(routeOf(name, body), who);
    return this.routes.draftDiff(name);
  }

  @Get(':name/draft')
  draftDiff(@Param('name') name: string): Promise<RouteChange> {
    return this.routes.draftDiff(name);
  }

  @Delete(':name/draft')
  @HttpCode(204)
  dropDraft(@Param('name') name: string, @Who() who: string): Promise<void> {
    return this.routes.dropDraft(name, who);
  }

  @Post(':name/promote')
  @HttpCode(200)
  async promote(
    @Param('name') name: string,
    @Query('version') version: string | undefined,
    @Who() who: string,
  ): Promise<AtVersion> {
    return { version: await this.routes.promote(name, who, readWhole('version', version)) };
  }

  /** It runs a program, over up to 100,000 events: `read` is for looking. */
  @Needs('operate')
  @Post(':name/shadow')
  @HttpCode(200)
  async shadow(@Param('name') name: string, @Body() body: unknown): Promise<ShadowReport> {
    const { last, seconds, route } = readBody(ShadowBody, body ?? {}, 'body');
    if (last !== undefined && seconds !== undefined) {
      throw new RequestRefused(problem('bad-request', 400, 'The body takes last or seconds, not both'));
    }
    const written = route === undefined ? await this.routes.draftOf(name) : routeOf(name, route, '/route');
    const draft = parseRoute(written, `draft "${name}"`);
    const routes = await this.routes.inForce();
    return seconds === undefined
      ? this.shadows.overLast(routes, draft, last ?? LAST)
      : this.shadows.live(routes, draft, seconds);
  }
}

const textOf = (given: string | object): string => (typeof given === 'string' ? given : writeJson(given));

const explained = async (pattern: string, event: string | object): Promise<Explanation> => {
  const parsed = patternOf(pattern);
  try {
    return await new Pace().through(explainInParts(parsed, textOf(event)));
  } catch (error) {
    throw new RequestRefused(problem('bad-event', 422, `event: ${(error as Error).message}`, '/event'));
  }
};

const patternOf = (text: string): ReturnType<typeof parsePattern> => {
  try {
    return parsePattern(text);
  } catch (error) {
    if (error instanceof PatternError)
      throw new RequestRefused(problem('bad-pattern', 422, `pattern: ${error.message}`, '/pattern'));
    throw error;
  }
};
