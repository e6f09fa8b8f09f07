// @ts-check
import { startTheme } from './theme.js';

startTheme();
