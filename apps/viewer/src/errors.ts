export type ViewerErrorCode = 'host' | 'port';

/**
 * Why the viewer could not be served. `host`: not an address of this machine alone; `port`: no free port, or the one that
 * was asked for is taken.
 */
export class ViewerError extends Error {
  override readonly name = 'ViewerError';
  readonly code: ViewerErrorCode;

  constructor(code: ViewerErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
