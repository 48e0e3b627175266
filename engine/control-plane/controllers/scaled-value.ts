/** Fields that hold a number or a percentage of something. */

/**
 * A number, or a percentage of the whole, rounded as told; 0 for what is neither.
 * Source: apimachinery/pkg/util/intstr, GetScaledValueFromIntOrPercent.
 */
export function scaledValue(value: unknown, whole: number, round: (amount: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = /^([0-9]{1,6})%$/.exec(typeof value === 'string' ? value : '');
  return percent === null ? 0 : round((Number(percent[1]) * whole) / 100);
}
