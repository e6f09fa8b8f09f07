import type { Report } from '../schema.ts';
import { dataBlocks } from './data.ts';
import { renderPage } from './render.ts';
import { pageView } from './view.ts';

/** The report as one HTML page. Every text of the journal reaches it either escaped or inside a compressed data block. */
export const reportPage = (report: Report): Promise<string> =>
  renderPage({
    template: 'page',
    styles: ['base', 'head', 'grid', 'pairs', 'popover', 'panel', 'media'],
    script: 'main',
    view: { ...pageView(report), blocks: dataBlocks(report) },
  });
