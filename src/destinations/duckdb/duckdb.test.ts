import { fileURLToPath } from 'node:url';
import { testDestination } from '../../load/destination.conformance.ts';
import { makePlace } from './place.conformance.ts';

testDestination(makePlace, { elsewhere: fileURLToPath(new URL('elsewhere.conformance.ts', import.meta.url)), length: 'quick' });
