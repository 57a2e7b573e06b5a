import { DockerBed } from './dockerBed';
import { describeProvider } from './suite';

// A pip that knows --dry-run, which the oldest runtime image does not have.
describeProvider('docker', () => DockerBed.open('runtime311'));
