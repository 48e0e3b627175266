/** The UI's own words by language. */
import type { Language } from '../../../engine/index.ts';
import { english } from './en.ts';
import { korean } from './ko.ts';
import type { UiTexts } from './ui-texts.ts';

/** The words by language. */
export const uiTexts: Readonly<Record<Language, UiTexts>> = { en: english, ko: korean };
