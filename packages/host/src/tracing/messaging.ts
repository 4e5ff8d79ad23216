import type { Attributes } from '@opentelemetry/api';

/** Names of OpenTelemetry's semantic conventions for messaging and CloudEvents, of which no release is stable yet. */
export const messaging = (operation: 'publish' | 'receive' | 'process', stream: string): Attributes => ({
  'messaging.system': 'millrace',
  'messaging.operation.name': operation,
  'messaging.operation.type': operation === 'publish' ? 'send' : operation,
  'messaging.destination.name': stream,
});

/** What names an event: nothing of its content. Undefined members are left out. */
export const eventAttributes = (json: string): Attributes => {
  try {
    const { id, source, type } = JSON.parse(json) as Record<string, unknown>;
    const names = { 'cloudevents.event_id': id, 'cloudevents.event_source': source, 'cloudevents.event_type': type };
    return Object.fromEntries(Object.entries(names).filter(([, value]) => typeof value === 'string')) as Attributes;
  } catch {
    return {}; // Whoever decodes the event will say what is wrong with it.
  }
};
