/** How curl fails. Source: libcurl-errors(3). */

/** An exit code with the words after it. */
export interface CurlFailure {
  readonly code: number;
  readonly message: string;
  /** What OpenSSL made of the certificates, where that is the reason. */
  readonly verifyResult?: number;
}
