import type { ContentfulStatusCode } from 'hono/utils/http-status';

export interface ErrorLink {
  href: string;
  text: string;
}

/** A request that cannot be answered; its message is for whoever asked. */
export class RequestError extends Error {
  override readonly name: string = 'RequestError';
  readonly status: ContentfulStatusCode;
  readonly code: string;
  /** Where to go instead. */
  readonly links: readonly ErrorLink[];

  constructor(status: ContentfulStatusCode, code: string, message: string, links: readonly ErrorLink[] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.links = links;
  }
}

/** There is nothing at that address. */
export class NotFoundError extends RequestError {
  override readonly name = 'NotFoundError';

  constructor(message: string, links: readonly ErrorLink[] = []) {
    super(404, 'not_found', message, links);
  }
}
