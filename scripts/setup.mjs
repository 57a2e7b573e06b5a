import { installPackages } from './run.mjs';

installPackages();
