export { openDeliveriesIn, type OpenDeliveriesOptions, type OpenDelivery } from './open-deliveries.ts';
