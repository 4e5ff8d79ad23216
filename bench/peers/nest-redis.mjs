/** Nest's own Redis transport: publish and subscribe. What nobody listens to is lost. */
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, EventPattern, Transport } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { redisOptions, run, take } from './one-hop.mjs';

class Hop {
  handle() {
    take();
  }
}
Controller()(Hop);
EventPattern('hop')(Hop.prototype, 'handle', Object.getOwnPropertyDescriptor(Hop.prototype, 'handle'));
class App {}
Module({ controllers: [Hop] })(App);

const app = await NestFactory.createMicroservice(App, {
  transport: Transport.REDIS,
  options: redisOptions(),
  logger: false,
});
await app.listen();
const client = ClientProxyFactory.create({ transport: Transport.REDIS, options: redisOptions() });
await client.connect();
await run((events) =>
  Promise.all(events.map((event) => lastValueFrom(client.emit('hop', event), { defaultValue: undefined }))),
);
