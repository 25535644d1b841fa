/** The files of the working folder that hold settings. */
export const configFileName = 'trunkline.config.json';
export const environmentFileName = '.env';
