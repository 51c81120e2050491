import { scripts } from '../../package.json';

/** Flags of Node with which `npm start` runs the server: it is tested and measured as users run it. */
export const START_FLAGS = scripts.start.split(' ').filter((word) => word.startsWith('--'));
