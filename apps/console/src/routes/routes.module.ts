import { Module } from '@nestjs/common';
import { ManagedRoutes } from './managed-routes.js';
import { RoutesController } from './routes.controller.js';
import { Shadows } from './shadows.js';

/** The routes. */
@Module({ controllers: [RoutesController], providers: [ManagedRoutes, Shadows], exports: [ManagedRoutes] })
export class RoutesModule {}
