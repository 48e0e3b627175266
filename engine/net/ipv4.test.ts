import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIPv4, networkOf, parseCidr, parseIPv4, prefixContains } from './ipv4.ts';

describe('parseIPv4', () => {
  it.each([
    ['0.0.0.0', 0],
    ['10.96.0.1', 0x0a600001],
    ['255.255.255.255', 0xffffffff],
    ['10.96.0', undefined],
    ['10.96.0.1.2', undefined],
    ['10.96.0.256', undefined],
    ['10.96.0.01', undefined],
    ['10.96..1', undefined],
    ['10.96.0.1 ', undefined],
    ['', undefined],
    ['fd00::1', undefined],
  ])('reads %j as %j', (text, want) => {
    expect(parseIPv4(text)).toBe(want);
  });

  it('reads back what formatIPv4 writes', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffffffff }), (address) => parseIPv4(formatIPv4(address)) === address),
    );
  });
});

describe('parseCidr', () => {
  it.each([
    ['10.244.1.5/24', { address: 0x0af40105, prefix: { network: 0x0af40100, length: 24 } }],
    ['10.244.1.5', { address: 0x0af40105, prefix: { network: 0x0af40105, length: 32 } }],
    ['0.0.0.0/0', { address: 0, prefix: { network: 0, length: 0 } }],
    ['10.0.0.0/33', undefined],
    ['10.0.0.0/', undefined],
    ['10.0.0.0/08', undefined],
  ])('reads %j', (text, want) => {
    expect(parseCidr(text)).toEqual(want);
  });

  it('keeps every address of a network inside it', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffffffff }), fc.nat({ max: 32 }), (address, length) =>
        prefixContains({ network: networkOf(address, length), length }, address),
      ),
    );
  });
});
