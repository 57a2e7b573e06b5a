import { openLocalBed } from './localBed';
import { describeProvider } from './suite';

describeProvider('local', openLocalBed);
