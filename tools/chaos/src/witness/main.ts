import { runSink, SinkModule } from '@millrace/sink';
import { WitnessConfig } from './witness-config.js';
import { WitnessSink } from './witness-sink.js';

/** A sink of the harness's own, in order: what a user's own sink looks like, and its state. */
@SinkModule({ hop: 'witness', config: WitnessConfig, sink: WitnessSink })
class WitnessModule {}

await runSink(WitnessModule);
