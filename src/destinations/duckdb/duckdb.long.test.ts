import { join } from 'node:path';
import { testDestination } from '../../load/destination.conformance.ts';
import { makePlace } from './place.conformance.ts';

testDestination(makePlace, { elsewhere: join(import.meta.dirname, 'elsewhere.conformance.ts'), length: 'long' });
