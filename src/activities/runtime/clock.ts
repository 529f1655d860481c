import { formatRFC3339 } from 'date-fns';

/** Now, as RFC 3339 with the offset of the zone in `TZ`. */
export const timestamp = (at: Date = new Date()): string => formatRFC3339(at);
