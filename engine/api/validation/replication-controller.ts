/**
 * The rules of ReplicationControllers. Source: ValidateReplicationControllerSpec in pkg/apis/core/validation/validation.go.
 */
import type { JsonObject } from '../../base/json.ts';
import { forbidden, invalid, notSupported, required } from '../field-errors.ts';
import { has, struct, text, textMap } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateNonnegative } from './fields.ts';
import { validatePodTemplate } from './pod-spec.ts';

/** The problems of a ReplicationController besides its metadata. */
export function validateReplicationController(controller: JsonObject): FieldError[] {
  const spec = struct(controller, 'spec');
  const selector = textMap(spec, 'selector');
  const errors = validateNonnegative('spec', spec, 'minReadySeconds');
  if (selector.size === 0) errors.push(required('spec.selector'));
  errors.push(...validateNonnegative('spec', spec, 'replicas'));
  if (!has(spec, 'template')) return [...errors, required('spec.template')];
  const template = struct(spec, 'template');
  const labels = textMap(struct(template, 'metadata'), 'labels');
  if ([...selector].some(([key, value]) => labels.get(key) !== value)) {
    const shown = has(struct(template, 'metadata'), 'labels') ? Object.fromEntries(labels) : null;
    errors.push(
      invalid('spec.template.metadata.labels', shown, '`selector` does not match template `labels`'),
    );
  }
  errors.push(...validatePodTemplate(template, 'spec.template'));
  const podSpec = struct(template, 'spec');
  const policy = text(podSpec, 'restartPolicy');
  if (policy !== 'Always') errors.push(notSupported('spec.template.spec.restartPolicy', policy, ['Always']));
  if (has(podSpec, 'activeDeadlineSeconds')) {
    const detail = 'activeDeadlineSeconds in ReplicationController is not Supported';
    errors.push(forbidden('spec.template.spec.activeDeadlineSeconds', detail));
  }
  return errors;
}
