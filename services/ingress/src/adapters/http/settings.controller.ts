import { Controller, Inject } from '@nestjs/common';
import { type Settings, settingsSchema } from '../../application/settings.ts';
import { Operation } from './operation.ts';
import { SETTINGS } from './tokens.ts';

@Controller()
export class SettingsController {
  readonly #settings: Settings;

  constructor(@Inject(SETTINGS) settings: Settings) {
    this.#settings = settings;
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/settings'],
    summary: 'Show what this region runs with, its secrets masked',
    tag: 'machine',
    answers: { 200: { description: 'As read from the environment at the start', schema: settingsSchema } },
  })
  get(): Settings {
    return this.#settings;
  }
}
