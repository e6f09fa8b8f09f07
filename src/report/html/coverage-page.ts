import type { DocumentCoverage } from '../../spec/coverage.ts';
import type { Report } from '../schema.ts';
import { coverageView, type Sentences } from './coverage-view.ts';
import { renderPage } from './render.ts';

/** The page of what is covered of each document, and what the nodes of a run came to at it. It stands beside `index.html`. */
export const coveragePage = (
  report: Report,
  documents: readonly DocumentCoverage[],
  sentences: Sentences,
): Promise<string> =>
  renderPage({
    template: 'coverage',
    styles: ['base', 'head', 'coverage', 'media'],
    script: 'coverage',
    view: coverageView(report, documents, sentences),
  });
