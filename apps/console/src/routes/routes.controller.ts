import type * as Api from '@millrace/admin-api';
import type { ChangeAuthor } from '@millrace/definitions';
import { parseRoute } from '@millrace/routes';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query, UseGuards } from '@nestjs/common';
import { By, Needs, OperatorPost, RoleGuard, Who } from '../access/role.guard.js';
import { historyPage } from '../contract/history-page.js';
import { pageOf } from '../contract/page-of.js';
import { refusal } from '../contract/problems.js';
import { ManagedRoutes, routeOf } from './managed-routes.js';
import { testPattern } from './pattern-test.js';
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
  async all(@Query() query: Api.ListQuery): Promise<Api.RouteList> {
    const { version, routes, drafts, invalid } = await this.routes.all();
    const lists = {
      routes: routes.map((one) => [`${one.route.name}\0${one.origin}`, one] as const),
      drafts: drafts.map((one) => [one.name, one] as const),
      invalid: invalid.map(({ name, error }) => [name, error.message] as const),
    };
    return { version, ...pageOf(lists, query) };
  }

  @Post()
  @HttpCode(200)
  async putAll(@Body() { routes, version }: Api.WrittenRoutes, @Who() who: string): Promise<Api.AtVersion> {
    const written = routes.map((one, i) => routeOf(String(one['name'] ?? ''), one, `/routes/${i}`));
    return { version: await this.routes.put(written, { who, expected: version }) };
  }

  @Needs('read')
  @Post('test')
  @HttpCode(200)
  test(@Body() order: Api.PatternTest): Promise<Api.PatternVerdict> {
    return testPattern(order);
  }

  @Get('history')
  history(@Query() query: Api.HistoryQuery): Promise<Api.RouteHistory> {
    return historyPage(query, (limit, below) => this.routes.history(limit, below));
  }

  @Get('diff')
  diff(@Query() { from, to }: Api.DiffQuery): Promise<Api.RouteDiff> {
    return this.routes.diff(from, to);
  }

  @Post('rollback')
  @HttpCode(200)
  async rollback(@Body() { to }: Api.Rollback, @Who() who: string): Promise<Api.AtVersion> {
    return { version: await this.routes.rollback(to, who) };
  }

  @Get(':name')
  one(@Param('name') name: string): Promise<Api.RouteView> {
    return this.routes.one(name);
  }

  @Put(':name')
  async put(@Param('name') name: string, @Body() body: unknown, @By() by: ChangeAuthor): Promise<Api.AtVersion> {
    return { version: await this.routes.put([routeOf(name, body)], by) };
  }

  @Delete(':name')
  async delete(@Param('name') name: string, @By() by: ChangeAuthor): Promise<Api.AtVersion> {
    return { version: await this.routes.delete(name, by) };
  }

  @Put(':name/draft')
  async draft(@Param('name') name: string, @Body() body: unknown, @Who() who: string): Promise<Api.RouteChange> {
    await this.routes.draft(routeOf(name, body), who);
    return this.routes.draftDiff(name);
  }

  @Get(':name/draft')
  draftDiff(@Param('name') name: string): Promise<Api.RouteChange> {
    return this.routes.draftDiff(name);
  }

  @Delete(':name/draft')
  @HttpCode(204)
  dropDraft(@Param('name') name: string, @Who() who: string): Promise<void> {
    return this.routes.dropDraft(name, who);
  }

  @Post(':name/promote')
  @HttpCode(200)
  async promote(@Param('name') name: string, @By() by: ChangeAuthor): Promise<Api.AtVersion> {
    return { version: await this.routes.promote(name, by) };
  }

  /** It runs a program, over up to 100,000 events: `read` is for looking. */
  @OperatorPost(':name/shadow')
  async shadow(
    @Param('name') name: string,
    @Body() { last, seconds, route }: Api.ShadowOrder,
  ): Promise<Api.ShadowReport> {
    if (last !== undefined && seconds !== undefined) {
      throw refusal('bad-request', 400, 'give last or seconds, not both', '/seconds');
    }
    const written = route === undefined ? await this.routes.draftOf(name) : routeOf(name, route, '/route');
    const draft = parseRoute(written, `draft "${name}"`);
    const routes = await this.routes.inForce();
    return seconds === undefined
      ? this.shadows.overLast(routes, draft, last ?? LAST)
      : this.shadows.live(routes, draft, seconds);
  }
}
