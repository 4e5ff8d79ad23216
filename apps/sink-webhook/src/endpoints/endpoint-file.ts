import { type Endpoint, parseEndpointFile, type VariableReader } from '@millrace/endpoints';
import { WatchedFile } from '@millrace/host';

/** A file of endpoints. */
export class EndpointFile {
  private readonly file: WatchedFile;

  constructor(
    path: string,
    private readonly variable: VariableReader,
  ) {
    this.file = new WatchedFile(path);
  }

  /** The endpoints if the file changed since the last call, else undefined. Rejects in one sentence. */
  async changed(): Promise<Endpoint[] | undefined> {
    const text = await this.file.changed();
    return text === undefined ? undefined : parseEndpointFile(text, this.file.path, this.variable);
  }
}
