export const CATALOGUE_CHANNEL = 'catalogue_changed'
