export * from './environment/common-environment.ts';
export * from './environment/environment-error.ts';
export * from './environment/environment.ts';
export * from './environment/fields.ts';
export * from './environment/known-variables.ts';
export * from './logging/logged-url.ts';
export * from './logging/logger.ts';
