// @ts-check
import { index } from './data.js';
import { learnVerdicts, startFilters } from './filters.js';
import { startCopy } from './copy.js';
import { keepOneStop, startGrid } from './grid.js';
import { startJumps } from './jump.js';
import { startPanel } from './panel.js';
import { onState, tell } from './state.js';
import { startTheme } from './theme.js';

startTheme();
startFilters();
startPanel();
startGrid();
startCopy();
startJumps();
onState(keepOneStop);
tell();
void index().then(({ verdicts }) => learnVerdicts(verdicts));
