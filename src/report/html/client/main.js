// @ts-check
import { index } from './data.js';
import { learnVerdicts, startFilters } from './filters.js';
import { keepOneStop, startGrid } from './grid.js';
import { startPanel } from './panel.js';
import { onState, tell } from './state.js';
import { startTheme } from './theme.js';

startTheme();
startFilters();
startPanel();
startGrid();
onState(keepOneStop);
tell();
void index().then(({ verdicts }) => learnVerdicts(verdicts));
