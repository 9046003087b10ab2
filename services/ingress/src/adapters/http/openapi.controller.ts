import { Controller, Inject } from '@nestjs/common';
import { Operation } from './operation.ts';
import { OPENAPI } from './tokens.ts';

@Controller()
export class OpenApiController {
  readonly #document: object;

  constructor(@Inject(OPENAPI) document: object) {
    this.#document = document;
  }

  @Operation({
    method: 'GET',
    paths: ['/openapi.json'],
    summary: 'This document',
    tag: 'machine',
    answers: { 200: { description: 'OpenAPI 3.1' } },
  })
  get(): object {
    return this.#document;
  }
}
