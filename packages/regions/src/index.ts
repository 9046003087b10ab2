export type { RegionConfig, SpilloverThresholds } from './config/region-config.ts';
