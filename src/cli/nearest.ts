export { nearest } from '../base/index.ts';
