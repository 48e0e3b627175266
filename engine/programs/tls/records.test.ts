import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  decodeCertificates,
  decodeClientHello,
  decodeProtocol,
  encodeClientHello,
  splitHandshake,
} from './records.ts';

it('reads back what a ClientHello asks for', () => {
  const label = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
  fc.assert(
    fc.property(label, fc.array(label, { maxLength: 4 }), (serverName, alpn) => {
      const record = encodeClientHello({ serverName, alpn }, new Uint8Array(32));
      expect(decodeClientHello(record.slice(5))).toEqual({ serverName, alpn });
    }),
  );
});

it('survives any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      decodeClientHello(Uint8Array.of(1, ...bytes));
      decodeCertificates(bytes);
      decodeProtocol(bytes);
      splitHandshake(bytes);
    }),
  );
});
