/** A sink that does nothing, as a service: what the product itself costs. */
import { TopicsConfig } from '@millrace/host';
import { runSink, type Sink, SinkModule } from '@millrace/sink';
import { Injectable } from '@nestjs/common';

class NullSinkConfig extends TopicsConfig {}

@Injectable()
class NullSink implements Sink {
  readonly takesText = true;

  async write(): Promise<void> {}
}

@SinkModule({ hop: 'sink-null', config: NullSinkConfig, sink: NullSink })
class NullSinkModule {}

await runSink(NullSinkModule);
