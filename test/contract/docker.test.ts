import { DockerBed } from './dockerBed';
import { describeProvider } from './suite';

describeProvider('docker', () => DockerBed.open());
