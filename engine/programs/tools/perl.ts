/**
 * perl: prints π to so many digits, as the Job of Kubernetes' documentation has it calculated, and runs nothing else.
 * Source: Math::BigFloat, bpi; perlrun(1).
 */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';

/** More digits than anybody prints. */
const mostDigits = 20_000;

/** perl. */
export const perl: Program = function* ({ argv }) {
  const args = argv.slice(1);
  if (args[0] === '-v' || args[0] === '--version') {
    yield* sys.print('\nThis is perl 5, version 40, subversion 0 (v5.40.0) built for x86_64-linux-gnu\n');
    return 0;
  }
  const digits = Number(/^\s*print\s+bpi\((\d{1,6})\)\s*;?\s*$/.exec(args.at(-1) ?? '')?.[1]);
  const isPi = args.includes('-Mbignum=bpi') && digits > 0 && digits <= mostDigits;
  if (!isPi) {
    yield* sys.printError(
      "kubedrill: Perl code is not run here, only perl -Mbignum=bpi -wle 'print bpi(N)'\n",
    );
    return 1;
  }
  yield* sys.print(`${piDigits(digits)}\n`);
  return 0;
};

/** π rounded to so many digits, by Machin's formula. */
function piDigits(digits: number): string {
  const spare = 10;
  const unit = 10n ** BigInt(digits - 1 + spare);
  const pi = 4n * (4n * inverseTangent(5n, unit) - inverseTangent(239n, unit));
  const rounded = String((pi + 5n * 10n ** BigInt(spare - 1)) / 10n ** BigInt(spare));
  return digits === 1 ? rounded : `${rounded.charAt(0)}.${rounded.slice(1)}`;
}

/** arctan(1/x), in parts of a unit. */
function inverseTangent(x: bigint, unit: bigint): bigint {
  let power = unit / x;
  let sum = power;
  for (let n = 3n, sign = -1n; power > 0n; n += 2n, sign = -sign) {
    power /= x * x;
    sum += (sign * power) / n;
  }
  return sum;
}
